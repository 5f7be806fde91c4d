import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What each tenant has spent and reserved on each day. */
export const tenantBudgets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('tenant_days')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('reserved_usd', 'double precision', (column) => column.notNull().defaultTo(0))
      .addColumn('spent_usd', 'double precision', (column) => column.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('tenant_days_pkey', ['tenant', 'day'])
      .execute();
    await db.schema
      .alterTable('runs')
      .addColumn('reserved_day', 'text')
      .addColumn('reserved_usd', 'double precision')
      .execute();
  },
};
