import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Journal } from '../../ports.js';
import { migrateJournal } from './migrate.js';
import type { JournalSchema } from './schema.js';
import { bossOnPool } from './boss-database.js';
import { CancelSignals } from './cancel-signals.js';
import { SqlJournal } from './sql-journal.js';
import { toStoreError } from './store-errors.js';

/** Which database holds the journal. */
export interface PostgresJournalOptions {
  /** Such as `postgres://user@host:5432/flowreasoner`. */
  readonly url: string;
  /** Connections at most. Default 8. */
  readonly connections?: number;
  /** Told of errors of idle connections, which nobody else would hear of. */
  readonly onError?: (error: Error) => void;
}

/**
 * Opens the journal on Postgres, which several replicas may share.
 *
 * @throws FlowError UNAVAILABLE STORE_FAILED when it can't be reached
 */
export async function openPostgresJournal(options: PostgresJournalOptions): Promise<Journal> {
  const connections = options.connections ?? 8;
  const appending = connections > 1 ? 1 : 0;
  // Connection errors carry the connection with its password along: only their message is told.
  const onError = (error: Error): void => options.onError?.(new Error(error.message));
  // Without listeners an error of a connection, idle or in use, would end the process. In use, its
  // statement fails as well.
  const openPool = (max: number): Pool => {
    const pool = new Pool({ connectionString: options.url, max, connectionTimeoutMillis: 10_000 });
    pool.on('error', onError);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  };
  const pool = openPool(connections - appending);
  const database = kyselyOn(pool);
  const journal = new SqlJournal({
    database,
    // What happens in runs is written and told before more runs are begun.
    ...(appending > 0 ? { appends: kyselyOn(openPool(appending)) } : {}),
    creating: Math.ceil(connections / 2),
    exclusive: false,
    jobs: { database: bossOnPool(pool), backend: 'postgres', onError },
    signals: new CancelSignals(pool, options.url, onError),
  });
  try {
    await migrateJournal(database);
    await journal.queue.start();
    return journal;
  } catch (error) {
    await journal.close();
    throw toStoreError(error);
  }
}

function kyselyOn(pool: Pool): Kysely<JournalSchema> {
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}
