import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';

/** Every migration by name; names sort in the order they are applied, and are never changed. */
const migrations: Record<string, Migration> = {
  '0001-tasks': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('reward_tasks')
        .addColumn('handle', 'text', (column) => column.primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('request_id', 'text')
        .addColumn('body_digest', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('tests', 'bytea', (column) => column.notNull())
        .addColumn('tests_digest', 'text', (column) => column.notNull())
        .addColumn('integrity', 'integer', (column) => column.notNull())
        .addColumn('visible_cases', 'bytea', (column) => column.notNull())
        .addColumn('bytes', 'integer', (column) => column.notNull())
        .addColumn('used_at', 'timestamptz', (column) => column.notNull())
        .addUniqueConstraint('reward_tasks_request_id', ['tenant', 'request_id'])
        .execute();
      await db.schema.createIndex('reward_tasks_by_use').on('reward_tasks').column('used_at').execute();
    },
  },
};

/**
 * Makes the tables of tasks, or brings them up to date. Other parts of the
 * product may keep theirs in the same database: this record of what is applied
 * is the reward service's own.
 *
 * @throws what the database threw
 */
export async function migrateTasks<Schema>(database: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: 'reward_migrations',
    migrationLockTableName: 'reward_migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error(JSON.stringify(error));
}
