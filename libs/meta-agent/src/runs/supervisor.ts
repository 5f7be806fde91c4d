import { RunState, type Run, type RunCreated, type Task } from '@flowreasoner/contracts/metaagent';
import type { Budget } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import type { Logger } from '@flowreasoner/telemetry';
import type { Clock, Ids, Journal, RunClaim, RunJob, TenantQuota } from '../ports.js';
import type { CompleteOptions, SolvePorts } from '../solve/context.js';
import type { RunDefaults } from './complete-options.js';
import type { EventHub } from './event-hub.js';
import { firstEvent } from './first-event.js';
import { loadRun } from './load-run.js';
import { emptyFold, foldEvent } from './run-fold.js';
import { RunWriter } from './run-writer.js';
import { cancelled, handedOver, interrupted, isCancelled, isGone, lost } from './stop-reasons.js';
import { workOnRun } from './work-on-run.js';

/** What a supervisor needs. */
export interface SupervisorOptions {
  readonly journal: Journal;
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly solve: SolvePorts;
  readonly logger: Logger;
  readonly defaults: RunDefaults;
  /** Runs that are worked on at once. */
  readonly maxActive: number;
  /** Runs that may wait for a place. */
  readonly maxQueued: number;
  /** What a tenant may have and spend. */
  readonly quotaOf: (tenant: string) => TenantQuota;
  /** What becomes of runs that are found unfinished at the start of the only process of a store. */
  readonly unfinished: 'resume' | 'end';
  /** How often the store is asked for work, in milliseconds. */
  readonly pollMs: number;
  /** How often the store is told that runs are worked on, in milliseconds; well below ten seconds. */
  readonly beatMs: number;
}

/** A run to create. */
export interface RunRequest {
  readonly tenant: string;
  readonly requestId: string;
  /** Hash of the request, compared when its id is used again. */
  readonly requestHash: Uint8Array;
  readonly task: Task;
  readonly options: CompleteOptions;
}

/** What became of a request. */
export interface CreatedRun {
  readonly id: string;
  /** Absent where an earlier request has created it. */
  readonly run?: Run;
}

interface ActiveRun {
  readonly job: RunJob;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  claim: RunClaim | undefined;
  writer: RunWriter | undefined;
}

const mostEnded = 10_000;
// Enough to keep a processor busy; more would only hold each other up, and runs at work too.
const beginningAtOnce = 12;
const longestBeginningMs = 1_000;
// Jobs are taken a few at a time, as that costs a statement.
const beginningNext = 4;

/** Owns the runs of this process: creates them, takes their jobs, works on them, and hands them on. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #active = new Map<string, ActiveRun>();
  /** Those that have not yet sent a request, and not taken long either. */
  readonly #beginning = new Set<ActiveRun>();
  #stopTimers: (() => void)[] = [];
  #unsubscribe: (() => void) | undefined;
  #taking: Promise<void> | undefined;
  #takeAgain = false;
  #background: Promise<unknown> = Promise.resolve();
  #closing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Sees to runs that a process left behind when it died, and begins to take jobs. */
  async start(): Promise<void> {
    const { journal, unfinished, pollMs, beatMs } = this.#options;
    if (journal.exclusive && unfinished === 'end') {
      const lost = await journal.unfinishedRuns(mostEnded);
      for (const runId of lost) this.#begin({ runId, attempt: 0 }, interrupted());
      await Promise.all([...this.#active.values()].map(({ done }) => done));
    }
    await journal.queue.recover();
    this.#unsubscribe = journal.onCancelRequested((runId) =>
      this.#active.get(runId)?.stop.abort(cancelled()),
    );
    this.#repeat(pollMs, () => this.#take());
    // The only owner hears of everything at once, and nobody takes its runs.
    if (!journal.exclusive) this.#repeat(beatMs, () => this.#beat());
    void this.#take();
  }

  /**
   * Creates a run; this process or another one works on it.
   *
   * @returns its identifier, and the run itself where it is new; an earlier run's
   *   identifier when the request id was used before
   * @throws FlowError RESOURCE_EXHAUSTED TOO_MANY_RUNS when too many runs wait, TENANT_RUNS
   *   or TENANT_BUDGET when the tenant's quota has no room,
   *   UNAVAILABLE SERVICE_STOPPING when the service is about to stop
   */
  async create(request: RunRequest): Promise<CreatedRun> {
    const { journal, clock, ids, maxQueued, maxActive, quotaOf } = this.#options;
    if (this.#closing)
      throw new FlowError('UNAVAILABLE', 'SERVICE_STOPPING', 'The service is about to stop.');
    const id = ids.next();
    const quota = quotaOf(request.tenant);
    const options = await this.#withinQuota(request, quota);
    const created: RunCreated = { task: request.task, options };
    const event = firstEvent(id, created, new Date(clock.now()));
    const { run } = foldEvent(emptyFold, event);
    const { requestHash, requestId, tenant } = request;
    const stored = await journal.createRun({
      id,
      tenant,
      requestId,
      requestHash,
      created,
      event,
      run,
      // Those for which there is a place are about to be taken.
      maxQueued: maxQueued + maxActive,
      quota,
    });
    if (!stored.created) return { id: stored.id };
    void this.#take();
    return { id, run };
  }

  /** The run's options; what its tenant's quota limits a day and its own budget does not, it may take what is left of. */
  async #withinQuota({ tenant, options }: RunRequest, quota: TenantQuota): Promise<CompleteOptions> {
    const { runsAtOnce: _, ...amounts } = quota;
    if (Object.values(amounts).every((amount) => amount === undefined)) return options;
    const left = await this.#options.journal.leftToday(tenant, quota);
    const { costUsd, tokens, modelCalls, sandboxMs } = options.budget;
    const budget: Budget = {
      costUsd: costUsd ?? left.costUsd,
      tokens: tokens ?? left.tokens,
      modelCalls: modelCalls ?? left.modelCalls,
      sandboxMs: sandboxMs ?? left.sandboxMs,
    };
    return { ...options, budget };
  }

  /** Asks a run to stop, wherever it is worked on. A finished run is left as it is. */
  async cancel(tenant: string, runId: string): Promise<Run | undefined> {
    const { journal } = this.#options;
    const run = await journal.getRun(tenant, runId);
    if (run === undefined || run.state === RunState.RUN_STATE_FINISHED) return run;
    const active = this.#active.get(runId);
    if (active !== undefined) {
      active.stop.abort(cancelled());
    } else {
      await journal.requestCancel(runId);
      // One that nobody works on needs no place among those at work to be ended.
      if (run.state === RunState.RUN_STATE_QUEUED && !this.#closing)
        this.#begin({ runId, attempt: 0 }, cancelled());
    }
    return journal.getRun(tenant, runId);
  }

  /**
   * Cancels all runs of this process with the given sentence as their message,
   * and waits until they have ended. Where no other process shares the store,
   * those that wait are cancelled too.
   */
  async close(message: string): Promise<void> {
    const { journal } = this.#options;
    await this.#stopTaking();
    const reason = new FlowError('CANCELLED', 'SERVICE_STOPPED', message, { hint: 'Start the run again.' });
    const waiting = journal.exclusive ? await journal.unfinishedRuns(mostEnded) : [];
    for (const runId of waiting) if (!this.#active.has(runId)) this.#begin({ runId, attempt: 0 }, reason);
    await this.#end((run) => run.stop.abort(reason));
  }

  /** Stops working on the runs of this process and gives them back: another one, or the next, goes on with them. */
  async handOver(): Promise<void> {
    const { journal, logger, hub } = this.#options;
    await this.#stopTaking();
    const active = [...this.#active.values()];
    const reason = handedOver();
    await this.#end((run) => leave(run, reason));
    for (const { job } of active) {
      try {
        await journal.queue.giveBack(job);
        hub.failed(job.runId, reason);
      } catch (error) {
        logger.warn(
          { err: error, run: job.runId },
          'a run could not be given back; it goes on when it is missed',
        );
      }
    }
  }

  async #stopTaking(): Promise<void> {
    this.#closing = true;
    this.#unsubscribe?.();
    for (const stop of this.#stopTimers) stop();
    await this.#taking;
    await this.#background;
  }

  async #end(stop: (run: ActiveRun) => void): Promise<void> {
    const active = [...this.#active.values()];
    for (const run of active) stop(run);
    await Promise.all(active.map((run) => run.done));
  }

  /** Takes as many jobs as may begin. Calls while one is going on lead to one more look. */
  #take(): Promise<void> {
    if (this.#taking !== undefined) {
      this.#takeAgain = true;
      return this.#taking;
    }
    this.#taking = this.#takeJobs().finally(() => {
      this.#taking = undefined;
      if (!this.#takeAgain) return;
      this.#takeAgain = false;
      void this.#take();
    });
    return this.#taking;
  }

  async #takeJobs(): Promise<void> {
    const { journal, logger, maxActive } = this.#options;
    const places = Math.min(maxActive - this.#active.size, beginningAtOnce - this.#beginning.size);
    if (places <= 0 || this.#closing) return;
    try {
      for (const job of await journal.queue.take(places)) {
        const before = this.#active.get(job.runId);
        const reason: unknown = before?.stop.signal.reason;
        // It came back while it is worked on here, as this process was not heard of for long; or work
        // began without a job, to cancel the run.
        if (before !== undefined) lose(before);
        this.#begin(job, isCancelled(reason) ? reason : undefined);
      }
    } catch (error) {
      logger.warn({ err: error }, 'the store gave no work');
    }
  }

  /** @param stopped ends the run at once, for this reason */
  #begin(job: RunJob, stopped?: FlowError): void {
    const before = this.#active.get(job.runId)?.done;
    const stop = new AbortController();
    if (stopped !== undefined) stop.abort(stopped);
    const stopTimer = this.#options.clock.after(longestBeginningMs, () => this.#hasBegun(run));
    const run: ActiveRun = {
      job,
      stop,
      claim: undefined,
      writer: undefined,
      done: Promise.resolve(before)
        .then(() => this.#work(run))
        .finally(stopTimer),
    };
    this.#active.set(job.runId, run);
    if (stopped === undefined) this.#beginning.add(run);
  }

  /** Lets another run begin. */
  #hasBegun(run: ActiveRun): void {
    if (!this.#beginning.delete(run) || this.#closing) return;
    if (this.#beginning.size <= beginningAtOnce - beginningNext) void this.#take();
  }

  async #work(active: ActiveRun): Promise<void> {
    const { journal, hub, logger } = this.#options;
    const { runId } = active.job;
    try {
      const claim = await journal.claim(runId);
      if (claim === undefined) return await journal.queue.finish(runId);
      active.claim = claim;
      if (claim.cancelRequested) active.stop.abort(cancelled());
      await this.#solve(active, claim);
      // A sealed writer has written no end: the job is another owner's.
      if (active.writer?.sealed !== true) await journal.queue.finish(runId);
    } catch (error) {
      if (isGone(active.stop.signal)) return;
      logger.error({ err: error, run: runId }, 'work on a run broke off');
      hub.failed(runId, error);
    } finally {
      this.#beginning.delete(active);
      if (this.#active.get(runId) === active) this.#active.delete(runId);
      if (!this.#closing) void this.#take();
    }
  }

  async #solve(active: ActiveRun, claim: RunClaim): Promise<void> {
    const { journal, hub, clock, logger, solve, defaults } = this.#options;
    const { runId } = claim;
    const loaded = await loadRun(journal, claim, defaults);
    const writer = new RunWriter({
      journal,
      hub,
      clock,
      claim,
      fold: loaded.fold,
      patienceMs: solve.patienceMs,
      onFailure: (error) => {
        logger.warn({ err: error, run: runId }, 'the journal refused a write');
        active.stop.abort(
          error instanceof FlowError ? error : new FlowError('UNAVAILABLE', 'STORE_FAILED', String(error)),
        );
      },
    });
    active.writer = writer;
    if (isGone(active.stop.signal)) writer.seal();
    await workOnRun({
      ...loaded,
      id: runId,
      tenant: claim.tenant,
      ports: solve,
      writer,
      onBegun: () => this.#hasBegun(active),
      cancel: active.stop.signal,
      clock,
      logger,
      claim,
    });
  }

  /** Repeats an action, `ms` after it has ended each time, until the supervisor is closed. */
  #repeat(ms: number, action: () => Promise<void>): void {
    const { clock } = this.#options;
    let stopped = false;
    let stopTimer = (): void => undefined;
    const schedule = (): void => {
      if (stopped) return;
      stopTimer = clock.after(ms, () => {
        const acting = action().finally(schedule);
        this.#background = Promise.all([this.#background, acting]);
      });
    };
    this.#stopTimers.push(() => {
      stopped = true;
      stopTimer();
    });
    schedule();
  }

  /** Tells other processes that this one is alive, and learns what became of its runs. */
  async #beat(): Promise<void> {
    const { journal, logger } = this.#options;
    const active = [...this.#active.values()];
    try {
      await journal.queue.keep(active.map(({ job }) => job));
      const found = await journal.inspect(active.flatMap(({ claim }) => claim ?? []));
      for (const runId of found.cancelled) this.#active.get(runId)?.stop.abort(cancelled());
      for (const run of active) {
        const { runId } = run.job;
        if (run.claim === undefined || !found.lost.includes(runId)) continue;
        logger.warn({ run: runId }, 'the run is owned by somebody else now');
        lose(run);
      }
    } catch (error) {
      logger.warn({ err: error }, 'the store did not take a heartbeat');
    }
  }
}

/** Stops work on a run without an end: it goes on elsewhere, or begins anew here. */
function leave({ writer, stop }: ActiveRun, reason: FlowError): void {
  writer?.seal();
  stop.abort(reason);
}

/** Leaves a run to its new owner. */
function lose(run: ActiveRun): void {
  leave(run, lost(run.job.runId));
}
