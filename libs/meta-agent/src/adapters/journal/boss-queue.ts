import { PgBoss, type Db } from 'pg-boss';
import type { RunJob, RunQueue } from '../../ports.js';
import { toStoreError } from './store-errors.js';

/** What the queue is made of. */
export interface BossQueueOptions {
  /** Runs pg-boss' statements on the journal's database. */
  readonly database: Db;
  readonly backend: 'postgres' | 'pglite';
  /** Whether other processes take jobs too; then each looks for jobs whose process has gone. */
  readonly shared: boolean;
  /** Identifiers of runs that have not ended, oldest first. */
  readonly unfinished: (limit: number) => Promise<string[]>;
  /** Told of errors of its background work, which nobody else would hear of. */
  readonly onError?: ((error: Error) => void) | undefined;
}

const queueName = 'runs';
// The least that pg-boss takes: how long the process of a job may be silent.
const silentSeconds = 10;
// The most that it takes, and the longest deadline of a run.
const longestSeconds = 24 * 3600;
// Far more than may wait.
const mostRecovered = 1_000_000;

/** The jobs of unfinished runs in pg-boss; a job has its run's identifier. */
export class BossQueue implements RunQueue {
  readonly #boss: PgBoss;
  readonly #options: BossQueueOptions;
  #started = false;

  constructor(options: BossQueueOptions) {
    this.#options = options;
    this.#boss = new PgBoss({
      db: options.database,
      backend: options.backend,
      // By default a process that died is noticed after a minute.
      supervise: options.shared,
      superviseIntervalSeconds: 1,
      monitorIntervalSeconds: 1,
      schedule: false,
      registerInstance: false,
      reindex: options.shared,
      monitorVacuum: false,
    });
    this.#boss.on('error', (error) => options.onError?.(error));
  }

  /** Makes the tables and begins to watch over jobs. */
  async start(): Promise<void> {
    await this.#boss.start();
    this.#started = true;
    const settings = {
      heartbeatSeconds: silentSeconds,
      expireInSeconds: longestSeconds,
      retryLimit: 2 ** 31 - 1,
      retryDelay: 0,
      retentionSeconds: 10 * 365 * longestSeconds,
    };
    await this.#boss.createQueue(queueName, settings);
  }

  /** Adds runs' jobs within the transaction that `database` stands for; those that are there stay as they are. */
  async add(runIds: readonly string[], database?: Db): Promise<void> {
    const jobs = runIds.map((id) => ({ id }));
    await this.#boss.insert(queueName, jobs, database === undefined ? {} : { db: database });
  }

  take(limit: number): Promise<RunJob[]> {
    return guard(async () => {
      const jobs = await this.#boss.fetch(queueName, { batchSize: limit, includeMetadata: true });
      return jobs.map(({ id, retryCount }) => ({ runId: id, attempt: retryCount }));
    });
  }

  keep(jobs: readonly RunJob[]): Promise<void> {
    return guard(async () => {
      if (jobs.length > 0) await this.#boss.touch(queueName, jobs.map(attemptOf));
    });
  }

  giveBack(job: RunJob): Promise<void> {
    return guard(async () => void (await this.#boss.fail(queueName, [attemptOf(job)])));
  }

  finish(runId: string): Promise<void> {
    return guard(async () => void (await this.#boss.deleteJob(queueName, runId)));
  }

  recover(): Promise<void> {
    const { unfinished, shared } = this.#options;
    return guard(async () => {
      const runIds = await unfinished(mostRecovered);
      if (runIds.length === 0) return;
      if (!shared) await this.#boss.fail(queueName, runIds);
      await this.add(runIds);
    });
  }

  /** Ends the background work; the database stays open. */
  async close(): Promise<void> {
    if (this.#started) await this.#boss.stop({ graceful: false, close: false });
  }
}

function attemptOf({ runId, attempt }: RunJob): { id: string; retryCount: number } {
  return { id: runId, retryCount: attempt };
}

async function guard<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw toStoreError(error);
  }
}
