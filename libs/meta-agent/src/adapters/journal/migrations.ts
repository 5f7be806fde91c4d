import type { MigrationProvider } from 'kysely/migration';
import { apiKeysMigration } from '../../keys/migration.js';
import { runs } from './migrations/0001-runs.js';
import { tenantBudgets } from './migrations/0003-tenant-budgets.js';
import { tenantUse } from './migrations/0004-tenant-use.js';
import { durability } from './migrations/0002-durability.js';

/** Every migration by name; names sort in the order they are applied, and are never changed. */
export const journalMigrations: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      '0001-runs': runs,
      '0002-durability': durability,
      '0003-tenant-budgets': tenantBudgets,
      '0004-tenant-use': tenantUse,
      '0100-api-keys': apiKeysMigration,
    }),
};
