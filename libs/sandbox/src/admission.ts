import { FlowError } from '@flowreasoner/rpc';
import type { MonotonicClock } from './ports.js';

/** How much runs and waits at once. */
export interface AdmissionOptions {
  /** Programs and gradings that run at once. */
  readonly slots: number;
  /** Requests that may wait; further ones are refused. */
  readonly maxQueued: number;
  readonly clock: MonotonicClock;
}

/** A place among what runs; released exactly once. */
export interface Slot {
  /** Time spent waiting for it, milliseconds. */
  readonly queueMs: number;
  release(): void;
}

interface Waiter {
  readonly enter: () => void;
}

/** What a slot is assumed to be held for until slots have been released, milliseconds. */
const FIRST_ESTIMATE_MS = 100;

/** A bounded queue before a fixed number of slots; tenants that wait take turns. */
export class Admission {
  readonly #waiting = new Map<string, Waiter[]>();
  #free: number;
  #queued = 0;
  #typicalMs = FIRST_ESTIMATE_MS;

  constructor(private readonly options: AdmissionOptions) {
    this.#free = options.slots;
  }

  /** How many requests wait now. */
  get queued(): number {
    return this.#queued;
  }

  /** How many slots there are. */
  get slots(): number {
    return this.options.slots;
  }

  /** How many slots are taken now. */
  get running(): number {
    return this.options.slots - this.#free;
  }

  /**
   * Waits for a slot.
   *
   * @param patient waits even behind a full queue; for callers that bound their own number of requests
   * @throws FlowError RESOURCE_EXHAUSTED when the queue is full; the signal's reason when it aborts
   */
  async acquire(tenant: string, signal: AbortSignal, patient = false): Promise<Slot> {
    signal.throwIfAborted();
    const { clock } = this.options;
    const arrived = clock.now();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(tenant, signal, patient);
    const entered = clock.now();
    let released = false;
    return {
      queueMs: Math.round(entered - arrived),
      release: () => {
        if (released) return;
        released = true;
        this.#typicalMs += (clock.now() - entered - this.#typicalMs) / 8;
        this.#passOn();
      },
    };
  }

  #wait(tenant: string, signal: AbortSignal, patient: boolean): Promise<void> {
    if (!patient && this.#queued >= this.options.maxQueued) throw this.#busy();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#remove(tenant, waiter);
      reject(signal.reason as Error);
    };
    const waiter: Waiter = {
      enter: () => {
        signal.removeEventListener('abort', leave);
        resolve();
      },
    };
    signal.addEventListener('abort', leave, { once: true });
    const line = this.#waiting.get(tenant);
    if (line === undefined) this.#waiting.set(tenant, [waiter]);
    else line.push(waiter);
    this.#queued += 1;
    return promise;
  }

  /** Gives a free slot to the tenant whose turn it is; a Map keeps the order of turns. */
  #passOn(): void {
    for (const [tenant, line] of this.#waiting) {
      const [next] = line;
      if (next === undefined) continue;
      this.#waiting.delete(tenant);
      this.#queued -= 1;
      if (line.length > 1) this.#waiting.set(tenant, line.slice(1));
      next.enter();
      return;
    }
    this.#free += 1;
  }

  #remove(tenant: string, waiter: Waiter): void {
    const line = this.#waiting.get(tenant) ?? [];
    const rest = line.filter((other) => other !== waiter);
    this.#queued -= line.length - rest.length;
    if (rest.length === 0) this.#waiting.delete(tenant);
    else this.#waiting.set(tenant, rest);
  }

  #busy(): FlowError {
    const { slots, maxQueued } = this.options;
    const retryAfterMs = Math.ceil((this.#typicalMs * (this.#queued + 1)) / slots);
    return new FlowError(
      'RESOURCE_EXHAUSTED',
      'SANDBOX_QUEUE_FULL',
      `${maxQueued} requests are waiting already`,
      {
        retryAfterMs,
        metadata: { limit: String(maxQueued) },
        hint: 'Try again after the delay, or run more sandbox servers.',
      },
    );
  }
}
