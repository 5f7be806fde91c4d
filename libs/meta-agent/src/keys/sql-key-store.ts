import { sql, type Kysely, type Selectable } from 'kysely';
import { toStoreError } from '../adapters/journal/store-errors.js';
import type { KeyRecord, KeyStore } from './key-store.js';

/** One key. */
export interface ApiKeysTable {
  id: string;
  tenant: string;
  request_id: string | null;
  display_name: string;
  digest: Uint8Array;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

/** The tables of a {@link SqlKeyStore}. */
export interface KeySchema {
  api_keys: ApiKeysTable;
}

/** Keys in a database that others close. */
export class SqlKeyStore implements KeyStore {
  readonly #db: Kysely<KeySchema>;

  constructor(database: Kysely<KeySchema>) {
    this.#db = database;
  }

  async create(key: KeyRecord, requestId: string): Promise<string | undefined> {
    const inserted = await guard(
      this.#db
        .insertInto('api_keys')
        .values({
          id: key.id,
          tenant: key.tenant,
          request_id: requestId === '' ? null : requestId,
          display_name: key.displayName,
          digest: key.digest,
          created_at: key.createTime,
          expires_at: key.expireTime ?? null,
          revoked_at: key.revokeTime ?? null,
        })
        .onConflict((conflict) => conflict.constraint('api_keys_request_id').doNothing())
        .returning('id')
        .executeTakeFirst(),
    );
    if (inserted !== undefined) return undefined;
    const earlier = await guard(
      this.#db
        .selectFrom('api_keys')
        .select('id')
        .where('tenant', '=', key.tenant)
        .where('request_id', '=', requestId)
        .executeTakeFirstOrThrow(),
    );
    return earlier.id;
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    const row = await guard(
      this.#db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  async list(tenant: string, limit: number, before?: string): Promise<KeyRecord[]> {
    let select = this.#db.selectFrom('api_keys').selectAll().where('tenant', '=', tenant);
    if (before !== undefined) select = select.where('id', '<', before);
    const rows = await guard(select.orderBy('id', 'desc').limit(limit).execute());
    return rows.map(toRecord);
  }

  async revoke(tenant: string, id: string, at: Date): Promise<KeyRecord | undefined> {
    const row = await guard(
      this.#db
        .updateTable('api_keys')
        .set({ revoked_at: sql<Date>`coalesce(revoked_at, ${at}::timestamptz)` })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst(),
    );
    return row && toRecord(row);
  }
}

function toRecord(row: Selectable<ApiKeysTable>): KeyRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    displayName: row.display_name,
    digest: row.digest,
    createTime: row.created_at,
    expireTime: row.expires_at ?? undefined,
    revokeTime: row.revoked_at ?? undefined,
  };
}

async function guard<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw toStoreError(error);
  }
}
