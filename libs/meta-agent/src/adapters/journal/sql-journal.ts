import { Run, RunCreated, RunEvent, RunState } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Journal, NewRun, RunAppend, RunClaim, RunListQuery } from '../../ports.js';
import { SqlKeyStore } from '../../keys/sql-key-store.js';
import { GroupCommit } from './group-commit.js';
import type { JournalSchema } from './schema.js';
import { toStoreError } from './store-errors.js';

/** What a SQL journal is made of. */
export interface SqlJournalOptions {
  readonly database: Kysely<JournalSchema>;
  readonly exclusive: boolean;
  /** Called once when the journal is closed, after the database. */
  readonly onClosed?: () => void;
}

// Far below the 65,535 parameters that one statement may have.
const insertRows = 2_000;
// Characters of the problem that lists show.
const listedProblem = 1_000;

/** The journal on a Postgres dialect: Postgres itself, or PGlite. */
export class SqlJournal implements Journal {
  readonly exclusive: boolean;
  readonly keys: SqlKeyStore;
  readonly #db: Kysely<JournalSchema>;
  readonly #appends = new GroupCommit<RunAppend>((appends) => this.#write(appends));
  readonly #onClosed: (() => void) | undefined;

  constructor(options: SqlJournalOptions) {
    this.exclusive = options.exclusive;
    this.#db = options.database;
    this.keys = new SqlKeyStore(options.database);
    this.#onClosed = options.onClosed;
  }

  async createRun(run: NewRun): Promise<{ id: string; created: boolean }> {
    return this.#guard(() =>
      this.#db.transaction().execute(async (transaction) => {
        const inserted = await transaction
          .insertInto('runs')
          .values({
            id: run.id,
            tenant: run.tenant,
            request_id: run.requestId === '' ? null : run.requestId,
            request_hash: run.requestHash,
            state: run.run.state,
            last_sequence: run.event.sequence,
            created: RunCreated.encode(run.created).finish(),
            summary: encodeSummary(run.run),
            created_at: run.run.createTime ?? new Date(0),
            heartbeat_at: sql<Date>`now()`,
          })
          .onConflict((conflict) => conflict.constraint('runs_request_id').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (inserted === undefined) return { id: await earlierRun(transaction, run), created: false };
        await insertEvents(transaction, run.id, [run.event]);
        return { id: run.id, created: true };
      }),
    );
  }

  async getRun(tenant: string, runId: string): Promise<Run | undefined> {
    const row = await this.#guard(() =>
      this.#db
        .selectFrom('runs')
        .select(['created', 'summary'])
        .where('tenant', '=', tenant)
        .where('id', '=', runId)
        .executeTakeFirst(),
    );
    return row === undefined ? undefined : decodeRun(row);
  }

  async listRuns(query: RunListQuery): Promise<Run[]> {
    let select = this.#db.selectFrom('runs').select('summary').where('tenant', '=', query.tenant);
    if (query.state !== undefined) select = select.where('state', '=', query.state);
    if (query.before !== undefined) select = select.where('id', '<', query.before);
    const rows = await this.#guard(() => select.orderBy('id', 'desc').limit(query.limit).execute());
    return rows.map((row) => Run.decode(row.summary));
  }

  async claim(runId: string): Promise<RunClaim | undefined> {
    const row = await this.#guard(() =>
      this.#db
        .updateTable('runs')
        .set({ epoch: sql<bigint>`epoch + 1`, heartbeat_at: sql<Date>`now()` })
        .where('id', '=', runId)
        .where('state', '<', RunState.RUN_STATE_FINISHED)
        .returning(['epoch', 'last_sequence'])
        .executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    return { runId, epoch: BigInt(row.epoch), lastSequence: BigInt(row.last_sequence) };
  }

  append(append: RunAppend): Promise<void> {
    return this.#appends.add(append);
  }

  async readEvents(runId: string, afterSequence: bigint, limit: number): Promise<RunEvent[]> {
    const rows = await this.#guard(() =>
      this.#db
        .selectFrom('run_events')
        .select('event')
        .where('run_id', '=', runId)
        .where('sequence', '>', afterSequence)
        .orderBy('sequence')
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => RunEvent.decode(row.event));
  }

  async requestCancel(runId: string): Promise<void> {
    await this.#guard(() =>
      this.#db
        .updateTable('runs')
        .set({ cancel_requested: true })
        .where('id', '=', runId)
        .where('state', '<', RunState.RUN_STATE_FINISHED)
        .execute(),
    );
  }

  async heartbeat(runIds: readonly string[]): Promise<string[]> {
    if (runIds.length === 0) return [];
    const rows = await this.#guard(() =>
      this.#db
        .updateTable('runs')
        .set({ heartbeat_at: sql<Date>`now()` })
        .where('id', 'in', [...runIds])
        .returning(['id', 'cancel_requested'])
        .execute(),
    );
    return rows.filter((row) => row.cancel_requested).map((row) => row.id);
  }

  async findOrphans(silentMs: number, limit: number): Promise<{ tenant: string; id: string }[]> {
    return this.#guard(() =>
      this.#db
        .selectFrom('runs')
        .select(['tenant', 'id'])
        .where('state', '<', RunState.RUN_STATE_FINISHED)
        .where(sql<boolean>`heartbeat_at <= now() - ${silentMs}::float8 * interval '1 millisecond'`)
        .orderBy('id')
        .limit(limit)
        .execute(),
    );
  }

  async close(): Promise<void> {
    await this.#appends.idle();
    try {
      await this.#guard(() => this.#db.destroy());
    } finally {
      this.#onClosed?.();
    }
  }

  async #write(appends: readonly RunAppend[]): Promise<(Error | undefined)[]> {
    const owned = await this.#guard(() =>
      this.#db.transaction().execute(async (transaction) => {
        const accepted = await advance(transaction, appends);
        const rows = appends.filter((append) => accepted.has(append.runId));
        for (const append of rows) await insertEvents(transaction, append.runId, append.events);
        return accepted;
      }),
    );
    return appends.map((append) => (owned.has(append.runId) ? undefined : runLost(append.runId)));
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw toStoreError(error);
    }
  }
}

/** What lists show: the state, with a short form of the task. */
function encodeSummary(run: Run): Uint8Array {
  const task = run.task && {
    ...run.task,
    problem: run.task.problem.slice(0, listedProblem).toWellFormed(),
    visibleChecks: undefined,
  };
  return Run.encode({ ...run, task }).finish();
}

function decodeRun(row: { created: Uint8Array; summary: Uint8Array }): Run {
  const { task, options } = RunCreated.decode(row.created);
  return { ...Run.decode(row.summary), task, options };
}

function runLost(runId: string): FlowError {
  return new FlowError('ABORTED', 'RUN_LOST', `Run ${runId} is owned by somebody else now.`);
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

/** Moves each run's sequence on if epoch and sequence are as expected, and returns the ids of those. */
async function advance(
  transaction: Transaction<JournalSchema>,
  appends: readonly RunAppend[],
): Promise<Set<string>> {
  const values = appends.map((append) => {
    const last = append.expectedSequence + BigInt(append.events.length);
    return sql`(${append.runId}::text, ${append.epoch}::bigint, ${append.expectedSequence}::bigint,
      ${last}::bigint, ${append.run.state}::integer, ${encodeSummary(append.run)}::bytea)`;
  });
  const result = await sql<{ id: string }>`
    update runs set last_sequence = v.last, state = v.state, summary = v.summary, heartbeat_at = now()
    from (values ${sql.join(values)}) as v(id, epoch, expected, last, state, summary)
    where runs.id = v.id and runs.epoch = v.epoch and runs.last_sequence = v.expected
    returning runs.id`.execute(transaction);
  return new Set(result.rows.map((row) => row.id));
}

async function insertEvents(
  transaction: Transaction<JournalSchema>,
  runId: string,
  events: readonly RunEvent[],
): Promise<void> {
  for (let start = 0; start < events.length; start += insertRows) {
    const rows = events.slice(start, start + insertRows).map((event) => ({
      run_id: runId,
      sequence: event.sequence,
      type: event.event?.$case ?? '',
      event: RunEvent.encode(event).finish(),
    }));
    await transaction.insertInto('run_events').values(rows).execute();
  }
}
