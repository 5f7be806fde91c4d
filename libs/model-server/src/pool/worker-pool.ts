import { FlowError } from '@flowreasoner/rpc';
import type { GenerationEvent, GenerationJob } from '../generation.js';
import type { Log, Schedule, SpawnWorker } from '../ports.js';
import { sampleSeed } from '../seed.js';
import { EventQueue } from './event-queue.js';
import { pickRequest } from './pick-request.js';
import { WorkerSlot } from './worker-slot.js';

/** An event of one of a request's samples. */
export interface SampleEvent {
  /** Index of the sample, from 0. */
  readonly sample: number;
  readonly event: GenerationEvent;
}

/** A request for samples of one answer. */
export interface SampleRequest {
  /** All but the seed, which is derived for each sample. */
  readonly job: Omit<GenerationJob, 'seed'>;
  readonly seed: number;
  /** Samples wanted, at least 1. */
  readonly samples: number;
}

/** What a pool needs. */
export interface WorkerPoolOptions {
  readonly spawn: SpawnWorker;
  readonly schedule: Schedule;
  readonly log: Log;
  /** Worker processes. */
  readonly workers: number;
  /** Most requests that wait for a worker; those that have begun don't count. */
  readonly maxWaiting: number;
}

/** How a pool is. */
export interface PoolStatus {
  readonly workers: number;
  /** Workers that have loaded the model and live. */
  readonly alive: number;
  readonly busy: number;
  readonly waiting: number;
  /** Tokens of prompt and answer together; unknown until a worker is ready. */
  readonly contextSize: number | undefined;
  readonly pids: readonly number[];
}

interface PendingRequest {
  readonly request: SampleRequest;
  readonly promptKey: string;
  readonly events: EventQueue<SampleEvent>;
  readonly aborts: Map<number, () => void>;
  nextSample: number;
  finished: number;
  running: number;
  passedOver: number;
}

/** Starts in a row that may fail before those who wait are told. */
const TOLERATED_START_FAILURES = 3;

/** Spreads samples over worker processes, each doing one at a time. */
export class WorkerPool {
  private readonly slots: WorkerSlot[];
  private waiting: PendingRequest[] = [];
  private readonly running = new Set<PendingRequest>();
  private onAllReady: (() => void) | undefined;
  private onFirstFailure: ((error: FlowError) => void) | undefined;

  constructor(private readonly options: WorkerPoolOptions) {
    const listener = {
      onFree: (): void => {
        if (this.slots.every((slot) => slot.alive)) this.onAllReady?.();
        this.dispatch();
      },
      onStartFailed: (_slot: WorkerSlot, message: string, failures: number): void =>
        this.startFailed(message, failures),
    };
    this.slots = Array.from(
      { length: options.workers },
      () => new WorkerSlot({ spawn: options.spawn, schedule: options.schedule, log: options.log, listener }),
    );
  }

  /**
   * Starts the workers and waits until all have loaded the model.
   *
   * @throws FlowError UNAVAILABLE `MODEL_WORKER_FAILED` when one can't
   */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.onAllReady = resolve;
      this.onFirstFailure = reject;
      for (const slot of this.slots) slot.start();
    }).finally(() => {
      this.onAllReady = undefined;
      this.onFirstFailure = undefined;
    });
  }

  /** How the pool is now. */
  status(): PoolStatus {
    const alive = this.slots.filter((slot) => slot.alive);
    return {
      workers: this.slots.length,
      alive: alive.length,
      busy: alive.filter((slot) => !slot.free).length,
      waiting: this.waiting.length,
      contextSize: alive[0]?.contextSize,
      pids: this.slots.flatMap((slot) => slot.pid ?? []),
    };
  }

  /**
   * Generates samples. Those of one request may come in any order and side by side.
   *
   * @param signal ends all of them at once; the iteration then ends early
   * @throws FlowError while iterating: RESOURCE_EXHAUSTED `TOO_MANY_REQUESTS` with
   *   `retryAfterMs`; INVALID_ARGUMENT with the field; UNAVAILABLE `MODEL_WORKER_LOST` or
   *   `MODEL_WORKER_FAILED`
   */
  async *generate(request: SampleRequest, signal: AbortSignal): AsyncGenerator<SampleEvent, void, undefined> {
    if (signal.aborted) return;
    if (this.waiting.length >= this.options.maxWaiting && !this.slots.some((slot) => slot.free)) {
      throw this.tooMany();
    }
    const pending: PendingRequest = {
      request,
      promptKey: JSON.stringify(request.job.messages),
      events: new EventQueue(),
      aborts: new Map(),
      nextSample: 0,
      finished: 0,
      running: 0,
      passedOver: 0,
    };
    const onAbort = (): void => this.drop(pending);
    signal.addEventListener('abort', onAbort, { once: true });
    this.waiting.push(pending);
    this.dispatch();
    try {
      yield* pending.events;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.drop(pending);
    }
  }

  /** Ends the workers for good and every request with them. */
  close(): void {
    for (const slot of this.slots) slot.close();
    this.failAll(new FlowError('UNAVAILABLE', 'MODEL_SERVER_CLOSING', 'The model server is closing.'));
  }

  private dispatch(): void {
    for (const slot of this.slots) {
      if (!slot.free) continue;
      const chosen = pickRequest(this.waiting, slot.heldPrompt);
      if (chosen === undefined) return;
      for (const earlier of this.waiting.slice(0, this.waiting.indexOf(chosen))) earlier.passedOver++;
      this.runNextSample(slot, chosen);
    }
  }

  private runNextSample(slot: WorkerSlot, pending: PendingRequest): void {
    const sample = pending.nextSample++;
    const { job, seed, samples } = pending.request;
    if (pending.nextSample === samples) this.waiting = this.waiting.filter((other) => other !== pending);
    pending.running++;
    this.running.add(pending);
    const over = (): void => {
      pending.aborts.delete(sample);
      pending.running--;
      if (pending.running === 0) this.running.delete(pending);
    };
    const { abort } = slot.run({ ...job, seed: sampleSeed(seed, sample) }, pending.promptKey, {
      onEvent: (event) => {
        pending.events.push({ sample, event });
        if (event.type !== 'done') return;
        over();
        pending.finished++;
        if (pending.finished === samples) pending.events.close();
      },
      onEnd: (end) => {
        over();
        if (end.type === 'rejected') {
          const { param, message, code } = end.rejection;
          this.fail(
            pending,
            new FlowError('INVALID_ARGUMENT', code.toUpperCase(), message, {
              fieldViolations: [{ field: param, description: message }],
            }),
          );
        } else if (end.type === 'lost') {
          this.fail(
            pending,
            new FlowError(
              'UNAVAILABLE',
              'MODEL_WORKER_LOST',
              `The model's worker process ended (${end.how}).`,
              {
                hint: 'A new worker is started at once: send the request again.',
                retryAfterMs: 1_000,
              },
            ),
          );
        }
      },
    });
    pending.aborts.set(sample, abort);
  }

  private fail(pending: PendingRequest, error: FlowError): void {
    pending.events.fail(error);
    this.drop(pending);
  }

  /** Takes a request out of the queue and ends what runs of it. */
  private drop(pending: PendingRequest): void {
    this.waiting = this.waiting.filter((other) => other !== pending);
    for (const abort of pending.aborts.values()) abort();
    pending.events.close();
  }

  private startFailed(message: string, failures: number): void {
    const error = new FlowError(
      'UNAVAILABLE',
      'MODEL_WORKER_FAILED',
      `A model worker does not start: ${message}.`,
    );
    this.onFirstFailure?.(error);
    if (failures >= TOLERATED_START_FAILURES && !this.slots.some((slot) => slot.alive)) this.failAll(error);
  }

  private failAll(error: FlowError): void {
    for (const pending of [...this.waiting, ...this.running]) this.fail(pending, error);
  }

  private tooMany(): FlowError {
    const waiting = this.waiting.length;
    return new FlowError(
      'RESOURCE_EXHAUSTED',
      'TOO_MANY_REQUESTS',
      `${waiting} requests are waiting for a worker; the limit (max-waiting) is ${this.options.maxWaiting}.`,
      { retryAfterMs: 1_000 * Math.min(30, Math.ceil(waiting / this.slots.length)) },
    );
  }
}
