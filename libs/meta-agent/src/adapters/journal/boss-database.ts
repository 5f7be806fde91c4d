import type { PGlite } from '@electric-sql/pglite';
import { CompiledQuery, type Kysely } from 'kysely';
import type { Pool, QueryResult } from 'pg';
import type { Db } from 'pg-boss';
import type { JournalSchema } from './schema.js';

/** Lets pg-boss work on the journal's own connections. */
export function bossOnPool(pool: Pool): Db {
  return {
    async executeSql(text, values) {
      // A script without values has a result for each of its statements.
      const result: QueryResult | QueryResult[] = await pool.query(text, values);
      return { rows: Array.isArray(result) ? result.flatMap(({ rows }) => rows as unknown[]) : result.rows };
    },
  };
}

/**
 * Lets pg-boss work on the journal's PGlite. There is one connection: each
 * statement takes its turn with the journal's transactions, so that none gets
 * into another's.
 */
export function bossOnPglite(database: Kysely<JournalSchema>, pglite: PGlite): Db {
  return {
    executeSql: (text, values) =>
      database.connection().execute(async (connection) => {
        if (values !== undefined && values.length > 0) {
          const { rows } = await connection.executeQuery(CompiledQuery.raw(text, values));
          return { rows };
        }
        try {
          const results = await pglite.exec(text);
          return { rows: results.flatMap(({ rows }) => rows) };
        } catch (error) {
          // A script that failed midway would leave its transaction open.
          await pglite.exec('rollback').catch(() => undefined);
          throw error;
        }
      }),
  };
}
