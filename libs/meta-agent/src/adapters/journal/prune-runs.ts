import { RunState } from '@flowreasoner/contracts/metaagent';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Pruned, PruneQuery } from '../../ports.js';
import type { JournalSchema } from './schema.js';

// Runs deleted in one transaction, so that writers never wait long.
const batch = 200;

/** Deletes finished runs that ended before a time, then payloads that no run uses any more. */
export async function pruneRuns(db: Kysely<JournalSchema>, query: PruneQuery): Promise<Pruned> {
  if (query.dryRun) return { ...(await count(db, query)), blobs: 0 };
  let [runs, events] = [0, 0];
  for (;;) {
    const deleted = await db.transaction().execute((transaction) => deleteBatch(transaction, query));
    runs += deleted.runs;
    events += deleted.events;
    if (deleted.runs < batch) break;
  }
  return { runs, events, blobs: await collectBlobs(db, query.tenant) };
}

function prunable(db: Kysely<JournalSchema>, { tenant, endedBefore, status }: PruneQuery) {
  const select = db
    .selectFrom('runs')
    .where('tenant', '=', tenant)
    .where('state', '=', RunState.RUN_STATE_FINISHED)
    .where('ended_at', '<', endedBefore);
  return status === undefined ? select : select.where('status', '=', status);
}

async function count(
  db: Kysely<JournalSchema>,
  query: PruneQuery,
): Promise<{ runs: number; events: number }> {
  const row = await prunable(db, query)
    .select([
      sql<string>`count(*)`.as('runs'),
      sql<string>`coalesce(sum((select count(*) from run_events where run_id = runs.id)), 0)`.as('events'),
    ])
    .executeTakeFirstOrThrow();
  return { runs: Number(row.runs), events: Number(row.events) };
}

async function deleteBatch(
  transaction: Transaction<JournalSchema>,
  query: PruneQuery,
): Promise<{ runs: number; events: number }> {
  const rows = await prunable(transaction, query)
    .select('id')
    .orderBy('ended_at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
  if (rows.length === 0) return { runs: 0, events: 0 };
  const ids = rows.map(({ id }) => id);
  const events = await transaction
    .deleteFrom('run_events')
    .where('run_id', 'in', ids)
    .executeTakeFirstOrThrow();
  await transaction.deleteFrom('runs').where('id', 'in', ids).execute();
  return { runs: ids.length, events: Number(events.numDeletedRows) };
}

/** Deletes the tenant's payloads that no run uses, while nobody can begin to use one. */
function collectBlobs(db: Kysely<JournalSchema>, tenant: string): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    await sql`lock table run_blobs in share mode`.execute(transaction);
    const { numDeletedRows } = await transaction
      .deleteFrom('blobs')
      .where('tenant', '=', tenant)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('run_blobs')
              .select('run_blobs.hash')
              .whereRef('run_blobs.tenant', '=', 'blobs.tenant')
              .whereRef('run_blobs.hash', '=', 'blobs.hash'),
          ),
        ),
      )
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  });
}
