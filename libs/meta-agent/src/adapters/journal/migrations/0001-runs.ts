import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Runs and their events. */
export const runs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('runs')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text')
      .addColumn('request_hash', 'bytea', (column) => column.notNull())
      .addColumn('state', 'integer', (column) => column.notNull())
      .addColumn('epoch', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('last_sequence', 'bigint', (column) => column.notNull())
      .addColumn('created', 'bytea', (column) => column.notNull())
      .addColumn('summary', 'bytea', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('heartbeat_at', 'timestamptz', (column) => column.notNull())
      .addColumn('cancel_requested', 'boolean', (column) => column.notNull().defaultTo(false))
      .addUniqueConstraint('runs_request_id', ['tenant', 'request_id'])
      .execute();
    await db.schema.createIndex('runs_by_tenant').on('runs').columns(['tenant', 'id']).execute();
    await db.schema
      .createIndex('runs_unfinished')
      .on('runs')
      .column('id')
      .where(sql.ref('state'), '<', 3)
      .execute();
    await db.schema
      .createTable('run_events')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('event', 'bytea', (column) => column.notNull())
      .addPrimaryKeyConstraint('run_events_pkey', ['run_id', 'sequence'])
      .execute();
  },
};
