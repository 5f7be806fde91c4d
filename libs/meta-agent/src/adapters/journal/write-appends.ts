import { Run, RunState } from '@flowreasoner/contracts/metaagent';
import { sql, type Kysely } from 'kysely';
import type { RunAppend } from '../../ports.js';
import { insertPayloads, toRows, type EventRow } from './event-rows.js';
import type { JournalSchema } from './schema.js';
import { settle } from './tenant-days.js';

// Characters of the problem that lists show.
const listedProblem = 1_000;

/**
 * Writes appends of many runs, each as a whole or not at all. Most take a single
 * statement, which is one way to the database and back.
 *
 * @returns identifiers of the runs whose journal now ends with what was to be appended
 */
export async function writeAppends(
  db: Kysely<JournalSchema>,
  appends: readonly RunAppend[],
): Promise<Set<string>> {
  const rows = toRows(appends);
  const finished = appends.filter(({ run }) => run.state === RunState.RUN_STATE_FINISHED);
  const isPlain = finished.length === 0 && rows.every(({ payloads }) => payloads.length === 0);
  const advanced = isPlain
    ? await advance(db, appends, rows)
    : await db.transaction().execute(async (transaction) => {
        const tenants = await advance(transaction, appends, rows);
        await insertPayloads(transaction, rows, tenants);
        await settle(transaction, finished, tenants);
        return tenants;
      });
  const refused = appends.filter(({ runId }) => !advanced.has(runId));
  return new Set([...advanced.keys(), ...(await appendedBefore(db, refused))]);
}

/** What lists show: the state, with a short form of the task. */
export function encodeSummary(run: Run): Uint8Array {
  const task = run.task && {
    ...run.task,
    problem: run.task.problem.slice(0, listedProblem).toWellFormed(),
    visibleChecks: undefined,
  };
  return Run.encode({ ...run, task }).finish();
}

/**
 * Moves each run's sequence on if epoch and sequence are as expected, and adds
 * the events of those runs.
 *
 * @returns their tenants, by run
 */
async function advance(
  db: Kysely<JournalSchema>,
  appends: readonly RunAppend[],
  rows: readonly EventRow[],
): Promise<Map<string, string>> {
  const of = <T>(value: (append: RunAppend) => T): T[] => appends.map(value);
  const each = <T>(value: (row: EventRow) => T): T[] => rows.map(value);
  const result = await sql<{ id: string; tenant: string }>`
    with advanced as (
      update runs set last_sequence = v.last, state = v.state, status = v.status,
        ended_at = v.ended, summary = v.summary
      from unnest(${of(({ runId }) => runId)}::text[], ${of(({ epoch }) => epoch)}::bigint[],
        ${of(({ expectedSequence }) => expectedSequence)}::bigint[], ${of(lastOf)}::bigint[],
        ${of(({ run }) => run.state)}::integer[], ${of(({ run }) => run.result?.status ?? 0)}::integer[],
        ${of(({ run }) => run.endTime ?? null)}::timestamptz[],
        ${of(({ run }) => Buffer.from(encodeSummary(run)))}::bytea[]
      ) as v(id, epoch, expected, last, state, status, ended, summary)
      where runs.id = v.id and runs.epoch = v.epoch and runs.last_sequence = v.expected
      returning runs.id, runs.tenant
    ), added as (
      insert into run_events (run_id, sequence, type, event, payloads)
      select e.run_id, e.sequence, e.type, e.event, e.payloads::jsonb
      from unnest(${each(({ runId }) => runId)}::text[], ${each(({ sequence }) => sequence)}::bigint[],
        ${each(({ type }) => type)}::text[], ${each(({ event }) => event)}::bytea[],
        ${each(({ places }) => places)}::text[]
      ) as e(run_id, sequence, type, event, payloads)
      join advanced on advanced.id = e.run_id
    )
    select id, tenant from advanced`.execute(db);
  return new Map(result.rows.map((row) => [row.id, row.tenant]));
}

/** Runs whose journal ends with what is to be appended: its owner did not hear that it was, and tried again. */
async function appendedBefore(db: Kysely<JournalSchema>, appends: readonly RunAppend[]): Promise<string[]> {
  if (appends.length === 0) return [];
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'epoch', 'last_sequence'])
    .where(
      'id',
      'in',
      appends.map(({ runId }) => runId),
    )
    .execute();
  return rows.flatMap(({ id, epoch, last_sequence: last }) => {
    const append = appends.find(({ runId }) => runId === id);
    const isOurs = append?.epoch === BigInt(epoch) && lastOf(append) === BigInt(last);
    return isOurs ? [id] : [];
  });
}

function lastOf({ expectedSequence, events }: RunAppend): bigint {
  return expectedSequence + BigInt(events.length);
}
