import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Makes the table of API keys. */
export const apiKeysMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text')
      .addColumn('display_name', 'text', (column) => column.notNull())
      .addColumn('digest', 'bytea', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('expires_at', 'timestamptz')
      .addColumn('revoked_at', 'timestamptz')
      .addUniqueConstraint('api_keys_request_id', ['tenant', 'request_id'])
      .execute();
    await db.schema.createIndex('api_keys_by_tenant').on('api_keys').columns(['tenant', 'id']).execute();
  },
};
