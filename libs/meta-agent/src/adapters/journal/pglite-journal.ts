import { PGlite } from '@electric-sql/pglite';
import { FlowError } from '@flowreasoner/rpc';
import { Kysely, PGliteDialect } from 'kysely';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../../ports.js';
import { bossOnPglite } from './boss-database.js';
import { migrateJournal } from './migrate.js';
import type { JournalSchema } from './schema.js';
import { SqlJournal } from './sql-journal.js';
import { toOpenError } from './store-errors.js';
import { acquireStoreLock, type StoreLock } from './store-lock.js';

/** Folder of the database within the store's. */
const DATA = 'pgdata';

/** Where the embedded journal lives. */
export interface PgliteJournalOptions {
  /** Folder of the store; made when it is missing. */
  readonly folder: string;
  /** The folder's lock when the caller holds it already; it is then the caller's to release. */
  readonly lock?: StoreLock;
}

/** The embedded journal, with the database that holds it. */
export interface PgliteJournal extends Journal {
  /** Other parts of the product may keep tables of their own in it. Closed with the journal. */
  readonly database: Kysely<unknown>;
}

/**
 * Opens the embedded journal. Two processes that open one folder lose data
 * without an error, so the folder's lock comes first.
 *
 * @throws FlowError FAILED_PRECONDITION STORE_LOCKED when another process has it open;
 *   STORE_FULL, STORE_READ_ONLY, STORE_NO_FOLDER or STORE_CORRUPT when it can't be opened
 */
export async function openPgliteJournal(options: PgliteJournalOptions): Promise<PgliteJournal> {
  const { folder } = options;
  const own = options.lock === undefined ? acquireStoreLock(folder) : undefined;
  if (options.lock === undefined && own === undefined) {
    throw new FlowError(
      'FAILED_PRECONDITION',
      'STORE_LOCKED',
      `Another process has the store in ${folder} open.`,
      {
        hint: 'Wait until it has ended, or name another data folder.',
      },
    );
  }
  let pglite: PGlite | undefined;
  try {
    const making = beginMaking(folder);
    // Relaxed durability stays off: finished means that the last event is committed.
    pglite = await PGlite.create(join(folder, DATA));
    const database = new Kysely<JournalSchema>({ dialect: new PGliteDialect({ pglite }) });
    await migrateJournal(database);
    const journal = new SqlJournal({
      database,
      exclusive: true,
      jobs: { database: bossOnPglite(database, pglite), backend: 'pglite' },
      onClosed: () => own?.release(),
    });
    await journal.queue.start();
    making.end();
    return Object.assign(journal, { database: database as unknown as Kysely<unknown> });
  } catch (error) {
    await pglite?.close().catch(() => undefined);
    own?.release();
    throw toOpenError(error, folder);
  }
}

/**
 * Marks a new store as being made, and clears away one whose making was cut off:
 * making one takes seconds, and what a killed process leaves of it can't be
 * opened. A store without the mark is never touched.
 */
function beginMaking(folder: string): { end(): void } {
  const [data, mark] = [join(folder, DATA), join(folder, `${DATA}.making`)];
  if (existsSync(mark)) rmSync(data, { recursive: true, force: true });
  if (!existsSync(data)) writeFileSync(mark, '');
  return { end: () => rmSync(mark, { force: true }) };
}
