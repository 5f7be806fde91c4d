import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

const AMOUNTS = ['tokens', 'model_calls', 'sandbox_ms'];

/** What each tenant has used and reserved on each day besides money. */
export const tenantUse: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const amount of AMOUNTS) {
      for (const column of [`reserved_${amount}`, `spent_${amount}`]) {
        await db.schema
          .alterTable('tenant_days')
          .addColumn(column, 'double precision', (added) => added.notNull().defaultTo(0))
          .execute();
      }
      await db.schema.alterTable('runs').addColumn(`reserved_${amount}`, 'double precision').execute();
    }
  },
};
