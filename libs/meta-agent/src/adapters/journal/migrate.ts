import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { journalMigrations } from './migrations.js';
import type { JournalSchema } from './schema.js';

/**
 * Brings the tables up to date.
 *
 * @throws what the database threw
 */
export async function migrateJournal(database: Kysely<JournalSchema>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: journalMigrations,
    // Parts of the product that share the store bring migrations of their own.
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error(JSON.stringify(error));
}
