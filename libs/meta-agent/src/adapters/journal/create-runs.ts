import { RunCreated, RunState } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import type { Insertable, Kysely, Transaction } from 'kysely';
import { fromKysely } from 'pg-boss';
import type { NewRun, StoredRun } from '../../ports.js';
import type { BossQueue } from './boss-queue.js';
import { insertFirstEvents } from './event-rows.js';
import { inLockOrder } from './lock-order.js';
import type { JournalSchema, RunsTable } from './schema.js';
import { reserve } from './tenant-days.js';
import { encodeSummary } from './write-appends.js';

/** A run to be created, and its task and options as they are stored. */
export interface EncodedRun {
  readonly run: NewRun;
  readonly created: Uint8Array;
}

/** Encodes what a new run was asked to do. */
export function encodeRun(run: NewRun): EncodedRun {
  return { run, created: RunCreated.encode(run.created).finish() };
}

/**
 * Creates runs with their first events and jobs in one transaction, all or none.
 *
 * @returns in their order, what is stored for each
 * @throws FlowError when one of them is refused: ALREADY_EXISTS REQUEST_ID_REUSED,
 *   RESOURCE_EXHAUSTED TOO_MANY_RUNS, TENANT_RUNS or TENANT_BUDGET
 */
export function createRuns(
  db: Kysely<JournalSchema>,
  queue: BossQueue,
  encoded: readonly EncodedRun[],
): Promise<StoredRun[]> {
  return db.transaction().execute(async (transaction) => {
    // What others may wait for is taken in the order of every transaction: request ids, payloads, tenants' days.
    const inserted = await transaction
      .insertInto('runs')
      .values(inLockOrder(encoded, ({ run }) => `${run.tenant}\n${run.requestId}`).map(toRow))
      .onConflict((conflict) => conflict.constraint('runs_request_id').doNothing())
      .returning('id')
      .execute();
    const ids = new Set(inserted.map(({ id }) => id));
    const runs = encoded.map(({ run }) => run);
    const created = runs.filter(({ id }) => ids.has(id));
    if (created.length > 0) await complete(transaction, queue, created);
    const stored: StoredRun[] = [];
    for (const run of runs) {
      const isNew = ids.has(run.id);
      stored.push({ id: isNew ? run.id : await earlierRun(transaction, run), created: isNew });
    }
    return stored;
  });
}

/** Adds to inserted runs what belongs to them, if there is room for all of them. */
async function complete(
  transaction: Transaction<JournalSchema>,
  queue: BossQueue,
  runs: readonly NewRun[],
): Promise<void> {
  await refuseCrowd(transaction, Math.min(...runs.map(({ maxQueued }) => maxQueued)));
  await insertFirstEvents(
    transaction,
    runs.map(({ id, tenant, event }) => ({ runId: id, tenant, events: [event] })),
  );
  const tenants = new Set(inLockOrder(runs, ({ tenant }) => tenant).map(({ tenant }) => tenant));
  for (const tenant of tenants) {
    const own = runs.filter((run) => run.tenant === tenant);
    const asked = own.map(({ id, created }) => ({ id, budget: created.options?.budget }));
    await reserve(transaction, tenant, asked, own[0]?.quota ?? {});
  }
  await queue.add(
    runs.map(({ id }) => id),
    fromKysely(transaction),
  );
}

function toRow({ run, created }: EncodedRun): Insertable<RunsTable> {
  return {
    id: run.id,
    tenant: run.tenant,
    request_id: run.requestId === '' ? null : run.requestId,
    request_hash: run.requestHash,
    state: run.run.state,
    last_sequence: run.event.sequence,
    created,
    summary: encodeSummary(run.run),
    created_at: run.run.createTime ?? new Date(0),
    policy: run.created.options?.policy ?? '',
    task_id: run.created.task?.id ?? '',
    ended_at: null,
  };
}

/** Refuses new runs where too many wait; the new ones count. */
async function refuseCrowd(transaction: Transaction<JournalSchema>, limit: number): Promise<void> {
  const { waiting } = await transaction
    .selectFrom(
      transaction
        .selectFrom('runs')
        .select('id')
        .where('state', '=', RunState.RUN_STATE_QUEUED)
        .limit(limit + 1)
        .as('queued'),
    )
    .select((count) => count.fn.countAll<string>().as('waiting'))
    .executeTakeFirstOrThrow();
  if (Number(waiting) <= limit) return;
  throw new FlowError('RESOURCE_EXHAUSTED', 'TOO_MANY_RUNS', `${limit} runs are waiting already.`, {
    retryAfterMs: 5_000,
    metadata: { limit: String(limit) },
  });
}

async function earlierRun(transaction: Transaction<JournalSchema>, run: NewRun): Promise<string> {
  const earlier = await transaction
    .selectFrom('runs')
    .select(['id', 'request_hash'])
    .where('tenant', '=', run.tenant)
    .where('request_id', '=', run.requestId)
    .executeTakeFirstOrThrow();
  if (Buffer.compare(earlier.request_hash, run.requestHash) !== 0) {
    throw new FlowError(
      'ALREADY_EXISTS',
      'REQUEST_ID_REUSED',
      `The request id ${JSON.stringify(run.requestId)} was used before with another request.`,
      { hint: 'Use a new request id for a new request.', metadata: { run: `runs/${earlier.id}` } },
    );
  }
  return earlier.id;
}
