import { Run, RunCreated, RunState, type RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Budget } from '@flowreasoner/contracts/workflow';
import { createLimiter, FlowError, type Limiter } from '@flowreasoner/rpc';
import { sql, type Kysely } from 'kysely';
import type {
  Journal,
  NewRun,
  Pruned,
  PruneQuery,
  RunAppend,
  RunClaim,
  RunListQuery,
  RunTail,
  StoredRun,
  TenantQuota,
} from '../../ports.js';
import { SqlKeyStore } from '../../keys/sql-key-store.js';
import { firstEvent } from '../../runs/first-event.js';
import { lost } from '../../runs/stop-reasons.js';
import { BossQueue, type BossQueueOptions } from './boss-queue.js';
import type { CancelSignals } from './cancel-signals.js';
import { createRuns, encodeRun, type EncodedRun } from './create-runs.js';
import { selectEvents } from './event-rows.js';
import { GroupCommit } from './group-commit.js';
import { pruneRuns } from './prune-runs.js';
import type { JournalSchema } from './schema.js';
import { toStoreError } from './store-errors.js';
import { leftToday } from './tenant-days.js';
import { writeAppends } from './write-appends.js';

/** What a SQL journal is made of. */
export interface SqlJournalOptions {
  readonly database: Kysely<JournalSchema>;
  /** What events are written with, where that has a connection of its own; closed with the journal. */
  readonly appends?: Kysely<JournalSchema>;
  /** Transactions at most that create runs at once; they leave connections to runs at work. Default 1. */
  readonly creating?: number;
  readonly exclusive: boolean;
  /** How pg-boss gets at the same database. */
  readonly jobs: Omit<BossQueueOptions, 'shared' | 'unfinished'>;
  /** Carries wishes to cancel to other processes; absent where there are none. */
  readonly signals?: CancelSignals;
  /** Called once when the journal is closed, after the database. */
  readonly onClosed?: () => void;
}

// A megabyte or so, as events usually are.
const batchEvents = 2_000;
const batchBytes = 1024 * 1024;
// What a new run takes besides its task, which is stored twice.
const rowBytes = 2_048;
// A statement costs the process and Postgres as much as ten events or so.
const batchesApartMs = 10;

/** The journal on a Postgres dialect: Postgres itself, or PGlite. */
export class SqlJournal implements Journal {
  readonly exclusive: boolean;
  readonly keys: SqlKeyStore;
  readonly queue: BossQueue;
  readonly #signals: CancelSignals | undefined;
  readonly #db: Kysely<JournalSchema>;
  readonly #appendDb: Kysely<JournalSchema>;
  readonly #creating: Limiter;
  readonly #appends = new GroupCommit<RunAppend>((appends) => this.#write(appends), {
    weigh: ({ events }) => events.length,
    maxWeight: batchEvents,
    apartMs: batchesApartMs,
  });
  readonly #creations = new GroupCommit<EncodedRun, StoredRun>((runs) => this.#create(runs), {
    weigh: ({ created }) => rowBytes + 2 * created.length,
    maxWeight: batchBytes,
    apartMs: batchesApartMs,
  });
  readonly #onClosed: (() => void) | undefined;

  constructor(options: SqlJournalOptions) {
    this.exclusive = options.exclusive;
    this.#db = options.database;
    this.#appendDb = options.appends ?? options.database;
    this.#creating = createLimiter(options.creating ?? 1);
    this.#signals = options.signals;
    this.queue = new BossQueue({
      ...options.jobs,
      shared: !options.exclusive,
      unfinished: (limit) => this.unfinishedRuns(limit),
    });
    this.keys = new SqlKeyStore(options.database);
    this.#onClosed = options.onClosed;
  }

  createRun(run: NewRun): Promise<StoredRun> {
    return this.#creations.add(encodeRun(run));
  }

  leftToday(tenant: string, quota: TenantQuota): Promise<Budget> {
    return this.#guard(() => leftToday(this.#db, tenant, quota));
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
    if (query.status !== undefined) select = select.where('status', '=', query.status);
    if (query.policy !== undefined) select = select.where('policy', '=', query.policy);
    if (query.taskId !== undefined) select = select.where('task_id', '=', query.taskId);
    if (query.createdAfter !== undefined) select = select.where('created_at', '>=', query.createdAfter);
    if (query.createdBefore !== undefined) select = select.where('created_at', '<', query.createdBefore);
    if (query.before !== undefined) select = select.where('id', '<', query.before);
    const rows = await this.#guard(() => select.orderBy('id', 'desc').limit(query.limit).execute());
    return rows.map((row) => Run.decode(row.summary));
  }

  async claim(runId: string): Promise<RunClaim | undefined> {
    const row = await this.#guard(() =>
      this.#db
        .updateTable('runs')
        .set({ epoch: sql<bigint>`epoch + 1` })
        .where('id', '=', runId)
        .where('state', '<', RunState.RUN_STATE_FINISHED)
        .returning(['tenant', 'epoch', 'last_sequence', 'cancel_requested', 'created', 'created_at'])
        .executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    const { tenant, cancel_requested: cancelRequested } = row;
    const created = RunCreated.decode(row.created);
    return {
      runId,
      tenant,
      epoch: BigInt(row.epoch),
      lastSequence: BigInt(row.last_sequence),
      cancelRequested,
      first: firstEvent(runId, created, row.created_at),
    };
  }

  append(append: RunAppend): Promise<void> {
    return this.#appends.add(append);
  }

  readEvents(runId: string, afterSequence: bigint, limit: number): Promise<RunEvent[]> {
    return this.#guard(() => selectEvents(this.#db, runId, afterSequence, limit));
  }

  async tails(runIds: readonly string[]): Promise<RunTail[]> {
    const rows = await this.#guard(() =>
      this.#db
        .selectFrom('runs')
        .select(['id', 'tenant', 'state', 'last_sequence'])
        .where('id', '=', sql<string>`any(${runIds}::text[])`)
        .execute(),
    );
    return rows.map(({ id, tenant, state, last_sequence: last }) => ({
      runId: id,
      tenant,
      lastSequence: BigInt(last),
      finished: state === RunState.RUN_STATE_FINISHED,
    }));
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
    await this.#signals?.send(runId);
  }

  onCancelRequested(listener: (runId: string) => void): () => void {
    return this.#signals?.subscribe(listener) ?? (() => undefined);
  }

  async inspect(
    claims: readonly Pick<RunClaim, 'runId' | 'epoch'>[],
  ): Promise<{ lost: string[]; cancelled: string[] }> {
    if (claims.length === 0) return { lost: [], cancelled: [] };
    const rows = await this.#guard(() =>
      this.#db
        .selectFrom('runs')
        .select(['id', 'epoch', 'cancel_requested'])
        .where(
          'id',
          'in',
          claims.map(({ runId }) => runId),
        )
        .execute(),
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    const isLost = ({ runId, epoch }: Pick<RunClaim, 'runId' | 'epoch'>): boolean =>
      BigInt(found.get(runId)?.epoch ?? -1) !== epoch;
    return {
      lost: claims.filter(isLost).map(({ runId }) => runId),
      cancelled: rows.filter((row) => row.cancel_requested).map((row) => row.id),
    };
  }

  async unfinishedRuns(limit: number): Promise<string[]> {
    const rows = await this.#guard(() =>
      this.#db
        .selectFrom('runs')
        .select('id')
        .where('state', '<', RunState.RUN_STATE_FINISHED)
        .orderBy('id')
        .limit(limit)
        .execute(),
    );
    return rows.map(({ id }) => id);
  }

  prune(query: PruneQuery): Promise<Pruned> {
    return this.#guard(() => pruneRuns(this.#db, query));
  }

  async close(): Promise<void> {
    await this.#creations.idle();
    await this.#appends.idle();
    try {
      await this.#signals?.close();
      await this.queue.close();
      await this.#guard(async () => {
        if (this.#appendDb !== this.#db) await this.#appendDb.destroy();
        await this.#db.destroy();
      });
    } finally {
      this.#onClosed?.();
    }
  }

  /** Creates runs together; where one of them is refused, each by itself. */
  async #create(runs: readonly EncodedRun[]): Promise<(StoredRun | Error)[]> {
    const create = (some: readonly EncodedRun[]) => this.#guard(() => createRuns(this.#db, this.queue, some));
    try {
      return await create(runs);
    } catch (error) {
      if (runs.length === 1 || !(error instanceof FlowError) || error.code === 'UNAVAILABLE') throw error;
    }
    const alone = runs.map((run) => this.#creating.run(() => create([run])));
    const results = await Promise.allSettled(alone);
    return results.flatMap((result): (StoredRun | Error)[] =>
      result.status === 'fulfilled' ? result.value : [toStoreError(result.reason)],
    );
  }

  async #write(appends: readonly RunAppend[]): Promise<(Error | undefined)[]> {
    const owned = await this.#guard(() => writeAppends(this.#appendDb, appends));
    return appends.map((append) => (owned.has(append.runId) ? undefined : lost(append.runId)));
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw toStoreError(error);
    }
  }
}

function decodeRun(row: { created: Uint8Array; summary: Uint8Array }): Run {
  const { task, options } = RunCreated.decode(row.created);
  return { ...Run.decode(row.summary), task, options };
}
