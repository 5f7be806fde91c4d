import { RunState, type Run, type RunCreated, type Task } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import type { Logger } from '@flowreasoner/telemetry';
import type { Clock, Ids, Journal } from '../ports.js';
import type { CompleteOptions, SolvePorts } from '../solve/context.js';
import type { EventHub } from './event-hub.js';
import { InterruptedRun } from './interrupted-run.js';
import { emptyFold, foldEvent, foldEvents, type RunFold } from './run-fold.js';
import { runName } from './run-name.js';
import { RunWriter } from './run-writer.js';
import { Slots } from './slots.js';
import { workOnRun } from './work-on-run.js';

/** What a supervisor needs. */
export interface SupervisorOptions {
  readonly journal: Journal;
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly solve: SolvePorts;
  readonly logger: Logger;
  /** Runs that are worked on at once. */
  readonly maxActive: number;
  /** Runs that may wait for a place. */
  readonly maxQueued: number;
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

interface ActiveRun {
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

// An owner that is silent for so long has lost its runs.
const silentMs = 30_000;
const beatMs = 2_000;
const sweepPage = 100;
const eventPage = 1_000;

/** Owns the runs of this process: creates them, works on them, cancels them, ends those that lost their owner. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: Slots;
  readonly #active = new Map<string, ActiveRun>();
  #stopBeat: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  #closing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#slots = new Slots(options.maxActive);
  }

  /** Ends runs that a process left behind when it died, and begins to watch over the runs of this one. */
  async start(): Promise<void> {
    await this.#sweep(this.#options.journal.exclusive ? 0 : silentMs);
    this.#scheduleBeat();
  }

  /**
   * Creates a run and begins to work on it.
   *
   * @returns the run's identifier; an earlier run's when the request id was used before
   * @throws FlowError RESOURCE_EXHAUSTED TOO_MANY_RUNS when too many runs wait,
   *   UNAVAILABLE SERVICE_STOPPING when the service is about to stop
   */
  async create(request: RunRequest): Promise<string> {
    const { journal, clock, ids, maxQueued } = this.#options;
    if (this.#closing)
      throw new FlowError('UNAVAILABLE', 'SERVICE_STOPPING', 'The service is about to stop.');
    if (this.#slots.waiting >= maxQueued) {
      throw new FlowError('RESOURCE_EXHAUSTED', 'TOO_MANY_RUNS', `${maxQueued} runs are waiting already.`, {
        retryAfterMs: 5_000,
        metadata: { limit: String(maxQueued) },
      });
    }
    const id = ids.next();
    const created: RunCreated = { task: request.task, options: request.options };
    const event = {
      run: runName(id),
      sequence: 1n,
      time: new Date(clock.now()),
      round: 0,
      event: { $case: 'runCreated' as const, value: created },
    };
    const fold = foldEvent(emptyFold, event);
    const { requestHash, requestId, tenant } = request;
    const stored = await journal.createRun({
      id,
      tenant,
      requestId,
      requestHash,
      created,
      event,
      run: fold.run,
    });
    if (stored.created) this.#begin(id, tenant, fold, request);
    return stored.id;
  }

  /** Asks a run to stop, wherever it is worked on. A finished run is left as it is. */
  async cancel(tenant: string, runId: string): Promise<Run | undefined> {
    const run = await this.#options.journal.getRun(tenant, runId);
    if (run === undefined || run.state === RunState.RUN_STATE_FINISHED) return run;
    const active = this.#active.get(runId);
    if (active === undefined) await this.#options.journal.requestCancel(runId);
    else active.cancel.abort(new FlowError('CANCELLED', 'RUN_CANCELLED', 'The run was cancelled.'));
    return this.#options.journal.getRun(tenant, runId);
  }

  /** Cancels all runs of this process with the given sentence as their message, and waits until they have ended. */
  async close(message: string): Promise<void> {
    this.#closing = true;
    this.#stopBeat?.();
    await this.#beating;
    const reason = new FlowError('CANCELLED', 'SERVICE_STOPPED', message, { hint: 'Start the run again.' });
    const active = [...this.#active.values()];
    for (const run of active) run.cancel.abort(reason);
    await Promise.all(active.map((run) => run.done));
  }

  #begin(id: string, tenant: string, fold: RunFold, request: Pick<RunRequest, 'task' | 'options'>): void {
    const cancel = new AbortController();
    const done = this.#work(id, tenant, fold, request, cancel).finally(() => this.#active.delete(id));
    this.#active.set(id, { cancel, done });
    if (this.#closing) cancel.abort(new FlowError('CANCELLED', 'SERVICE_STOPPED', 'The service stopped.'));
  }

  async #work(
    id: string,
    tenant: string,
    fold: RunFold,
    request: Pick<RunRequest, 'task' | 'options'>,
    cancel: AbortController,
  ): Promise<void> {
    const { journal, hub, clock, logger, solve } = this.#options;
    const release = await this.#slots.take(cancel.signal);
    try {
      const claim = await journal.claim(id);
      if (claim === undefined) return;
      const onFailure = (error: unknown): void => {
        logger.error({ err: error, run: id }, 'the journal refused a write');
        cancel.abort(
          error instanceof FlowError ? error : new FlowError('UNAVAILABLE', 'STORE_FAILED', String(error)),
        );
      };
      const writer = new RunWriter({ journal, hub, clock, claim, fold, onFailure });
      await workOnRun({
        id,
        tenant,
        ...request,
        ports: solve,
        writer,
        cancel: cancel.signal,
        clock,
        logger,
        claim,
      });
    } catch (error) {
      logger.error({ err: error, run: id }, 'a run could not be recorded');
      hub.failed(id, error);
    } finally {
      release?.();
    }
  }

  #scheduleBeat(): void {
    if (this.#closing) return;
    this.#stopBeat = this.#options.clock.after(beatMs, () => {
      this.#beating = this.#beat().finally(() => this.#scheduleBeat());
    });
  }

  /** Tells other processes that this one is alive, and hears what they left for its runs. */
  async #beat(): Promise<void> {
    const { journal, logger } = this.#options;
    // The only owner hears of everything at once.
    if (journal.exclusive) return;
    try {
      const cancelled = await journal.heartbeat([...this.#active.keys()]);
      for (const id of cancelled) {
        this.#active
          .get(id)
          ?.cancel.abort(new FlowError('CANCELLED', 'RUN_CANCELLED', 'The run was cancelled.'));
      }
      await this.#sweep(silentMs);
    } catch (error) {
      logger.warn({ err: error }, 'the journal did not take a heartbeat');
    }
  }

  async #sweep(silent: number): Promise<void> {
    const { journal, logger } = this.#options;
    for (;;) {
      const orphans = (await journal.findOrphans(silent, sweepPage)).filter(
        ({ id }) => !this.#active.has(id),
      );
      for (const { tenant, id } of orphans) {
        logger.warn({ run: id, tenant }, 'ending a run that lost its owner');
        await this.#interrupt(id);
      }
      if (orphans.length < sweepPage) return;
    }
  }

  /** Ends a run whose owner died; its best answer so far is kept. */
  async #interrupt(id: string): Promise<void> {
    const { journal, hub, clock } = this.#options;
    const claim = await journal.claim(id);
    if (claim === undefined) return;
    let fold = emptyFold;
    const interrupted = new InterruptedRun();
    for (;;) {
      const events = await journal.readEvents(id, fold.run.lastSequence, eventPage);
      if (events.length === 0) break;
      fold = foldEvents(events, fold);
      for (const event of events) interrupted.add(event);
    }
    const startedAt = fold.run.createTime?.getTime() ?? clock.now();
    const writer = new RunWriter({ journal, hub, clock, claim, fold, onFailure: () => undefined });
    const result = interrupted.result({
      usage: fold.run.usage,
      rounds: fold.run.rounds,
      durationMs: Math.min(2 ** 32 - 1, Math.max(0, clock.now() - startedAt)),
    });
    writer.emit(0, { $case: 'runFinished', value: { result } });
    await writer.flush();
  }
}
