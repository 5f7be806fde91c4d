import type { Secret } from '@flowreasoner/config';
import { MemoryTaskStore, openPostgresTaskStore, type TaskStore } from '@flowreasoner/reward';
import type { Logger } from '@flowreasoner/telemetry';

/** Where tasks are kept, as the configuration says. */
export interface TaskStoreConfig {
  readonly databaseUrl?: Secret | undefined;
  readonly databaseConnections: number;
  readonly maxTasks: number;
  readonly maxTaskBytes: number;
}

/**
 * Opens the store of tasks: on Postgres where a database is named, else in memory.
 *
 * @throws FlowError when it can't be opened
 */
export function openTaskStore(
  config: TaskStoreConfig,
  logger: Logger,
): Promise<TaskStore & { close(): Promise<void> }> {
  const { databaseUrl, databaseConnections, maxTasks, maxTaskBytes } = config;
  const limits = { tasks: maxTasks, bytes: maxTaskBytes };
  if (databaseUrl === undefined) {
    return Promise.resolve(Object.assign(new MemoryTaskStore(limits), { close: () => Promise.resolve() }));
  }
  return openPostgresTaskStore({
    url: databaseUrl.reveal(),
    connections: databaseConnections,
    limits,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection failed'),
  });
}
