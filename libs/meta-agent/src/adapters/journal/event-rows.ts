import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Kysely, Transaction } from 'kysely';
import { joinEvent, splitEvent, type Payload } from './event-payloads.js';
import { inLockOrder } from './lock-order.js';
import type { JournalSchema } from './schema.js';

/** An event as a row of its table. */
export interface EventRow {
  readonly runId: string;
  readonly sequence: bigint;
  /** Name of the event's case. */
  readonly type: string;
  /** Encoded, without its large payloads. */
  readonly event: Buffer;
  /** Content hash of each large payload by its place, as JSON; null where there is none. */
  readonly places: string | null;
  readonly payloads: readonly Payload[];
}

// Far below the 65,535 parameters that one statement may have.
const insertUses = 2_000;
const insertBlobs = 500;

/** The rows of events of any number of runs. */
export function toRows(
  runs: readonly { readonly runId: string; readonly events: readonly RunEvent[] }[],
): EventRow[] {
  return runs.flatMap(({ runId, events }) => events.map((event) => toRow(runId, event)));
}

function toRow(runId: string, event: RunEvent): EventRow {
  const { event: bytes, payloads } = splitEvent(event);
  const places = Object.fromEntries(payloads.map(({ place, hash }) => [place, hash]));
  return {
    runId,
    sequence: event.sequence,
    type: event.event?.$case ?? '',
    event: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    places: payloads.length === 0 ? null : JSON.stringify(places),
    payloads,
  };
}

/** Inserts the first events of new runs, and their payloads. */
export async function insertFirstEvents(
  transaction: Transaction<JournalSchema>,
  runs: readonly { readonly runId: string; readonly tenant: string; readonly events: readonly RunEvent[] }[],
): Promise<void> {
  const rows = toRows(runs);
  await transaction
    .insertInto('run_events')
    .values(
      rows.map(({ runId, sequence, type, event, places }) => ({
        run_id: runId,
        sequence,
        type,
        event,
        payloads: places,
      })),
    )
    .execute();
  await insertPayloads(transaction, rows, new Map(runs.map(({ runId, tenant }) => [runId, tenant])));
}

/**
 * Inserts the payloads that are new.
 *
 * @param tenants by run; rows of other runs are left out
 */
export async function insertPayloads(
  transaction: Transaction<JournalSchema>,
  rows: readonly EventRow[],
  tenants: ReadonlyMap<string, string>,
): Promise<void> {
  const used = rows.flatMap(({ runId, payloads }) => {
    const tenant = tenants.get(runId);
    return tenant === undefined ? [] : payloads.map((payload) => ({ runId, tenant, payload }));
  });
  // First who uses them, then they themselves: whoever clears payloads away that nobody uses
  // waits for the first, and has cleared them before the second.
  const uses = unique(used, ({ runId, payload }) => `${runId} ${payload.hash}`);
  for (const part of inParts(uses, insertUses)) {
    await transaction
      .insertInto('run_blobs')
      .values(part.map(({ runId, tenant, payload }) => ({ run_id: runId, tenant, hash: payload.hash })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const blobKey = ({ tenant, payload }: (typeof used)[number]): string => `${tenant} ${payload.hash}`;
  const blobs = inLockOrder(unique(used, blobKey), blobKey);
  for (const part of inParts(blobs, insertBlobs)) {
    await transaction
      .insertInto('blobs')
      .values(part.map(({ tenant, payload: { hash, data } }) => ({ tenant, hash, data })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Events with a greater sequence number, in order, payloads put back. */
export async function selectEvents(
  db: Kysely<JournalSchema>,
  runId: string,
  afterSequence: bigint,
  limit: number,
): Promise<RunEvent[]> {
  const rows = await db
    .selectFrom('run_events')
    .select(['event', 'payloads'])
    .where('run_id', '=', runId)
    .where('sequence', '>', afterSequence)
    .orderBy('sequence')
    .limit(limit)
    .execute();
  const hashes = new Set(rows.flatMap(({ payloads }) => Object.values(payloads ?? {})));
  const data = hashes.size === 0 ? new Map<string, Uint8Array>() : await selectBlobs(db, runId, [...hashes]);
  return rows.map(({ event, payloads }) => {
    const found = Object.entries(payloads ?? {}).flatMap(([place, hash]) => {
      const bytes = data.get(hash);
      return bytes === undefined ? [] : [[place, bytes] as const];
    });
    return joinEvent(event, new Map(found));
  });
}

async function selectBlobs(
  db: Kysely<JournalSchema>,
  runId: string,
  hashes: string[],
): Promise<Map<string, Uint8Array>> {
  const rows = await db
    .selectFrom('blobs')
    .innerJoin('run_blobs', (join) =>
      join.onRef('run_blobs.tenant', '=', 'blobs.tenant').onRef('run_blobs.hash', '=', 'blobs.hash'),
    )
    .select(['blobs.hash', 'blobs.data'])
    .where('run_blobs.run_id', '=', runId)
    .where('blobs.hash', 'in', hashes)
    .execute();
  return new Map(rows.map(({ hash, data }) => [hash, data]));
}

function inParts<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
