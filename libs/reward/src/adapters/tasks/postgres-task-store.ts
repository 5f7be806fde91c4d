import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { TaskStore } from '../../ports.js';
import { SqlTaskStore } from './sql-task-store.js';
import type { RewardSchema } from './task-rows.js';
import type { TaskStoreLimits } from './task-store-limits.js';

/** Which database keeps the tasks. */
export interface PostgresTaskStoreOptions {
  /** Such as `postgres://user@host:5432/rewards`. */
  readonly url: string;
  /** Connections at most. Default 8. */
  readonly connections?: number;
  readonly limits?: TaskStoreLimits;
  /** Milliseconds since 1970-01-01 UTC. Default: the system's clock. */
  readonly now?: () => number;
  /** Told of errors of idle connections, which nobody else would hear of. */
  readonly onError?: (error: Error) => void;
}

/**
 * Opens a store of tasks on Postgres, which several processes may share.
 *
 * @throws FlowError UNAVAILABLE TASK_STORE_FAILED when it can't be reached
 */
export async function openPostgresTaskStore(
  options: PostgresTaskStoreOptions,
): Promise<TaskStore & { close(): Promise<void> }> {
  const { url, connections = 8, limits = {}, now = Date.now, onError } = options;
  const pool = new Pool({ connectionString: url, max: connections, connectionTimeoutMillis: 10_000 });
  // Without listeners an error of a connection, idle or in use, would end the process. In use, its
  // statement fails as well. Only the message is told: the rest carries the password along.
  pool.on('error', (error) => onError?.(new Error(error.message)));
  pool.on('connect', (client) => client.on('error', () => undefined));
  const database = new Kysely<RewardSchema>({ dialect: new PostgresDialect({ pool }) });
  try {
    const store = await SqlTaskStore.open({ database, limits, now });
    return Object.assign(store, { close: () => database.destroy() });
  } catch (error) {
    await database.destroy();
    throw error;
  }
}
