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
  readonly patient: boolean;
  readonly enter: () => void;
  readonly refuse: (error: Error) => void;
}

/** What a slot is assumed to be held for until slots have been released, milliseconds. */
const FIRST_ESTIMATE_MS = 100;

/**
 * A bounded queue before a fixed number of slots; tenants that wait take turns.
 * When the queue is full, whoever waits with the most requests gives up the last
 * one to a tenant that waits with fewer, so that no tenant can keep others out.
 */
export class Admission {
  readonly #waiting = new Map<string, Waiter[]>();
  #free: number;
  #queued = 0;
  /** Those of them that a full queue refuses. */
  #bounded = 0;
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
    if (!patient && this.#bounded >= this.options.maxQueued) this.#makeRoom(tenant);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#remove(tenant, waiter);
      reject(signal.reason as Error);
    };
    const stay = (settle: () => void): void => {
      signal.removeEventListener('abort', leave);
      settle();
    };
    const waiter: Waiter = {
      patient,
      enter: () => stay(resolve),
      refuse: (error) => stay(() => reject(error)),
    };
    signal.addEventListener('abort', leave, { once: true });
    const line = this.#waiting.get(tenant);
    if (line === undefined) this.#waiting.set(tenant, [waiter]);
    else line.push(waiter);
    this.#count(waiter, 1);
    return promise;
  }

  /** Gives a free slot to the tenant whose turn it is; a Map keeps the order of turns. */
  #passOn(): void {
    for (const [tenant, line] of this.#waiting) {
      const [next] = line;
      if (next === undefined) continue;
      this.#waiting.delete(tenant);
      this.#count(next, -1);
      if (line.length > 1) this.#waiting.set(tenant, line.slice(1));
      next.enter();
      return;
    }
    this.#free += 1;
  }

  #remove(tenant: string, waiter: Waiter): void {
    const line = this.#waiting.get(tenant) ?? [];
    const rest = line.filter((other) => other !== waiter);
    if (rest.length < line.length) this.#count(waiter, -1);
    if (rest.length === 0) this.#waiting.delete(tenant);
    else this.#waiting.set(tenant, rest);
  }

  /** Refuses the last request of the tenant that waits with the most, or the new one. */
  #makeRoom(tenant: string): void {
    const bounded = (line: readonly Waiter[] = []): Waiter[] => line.filter(({ patient }) => !patient);
    const own = bounded(this.#waiting.get(tenant)).length;
    let longest: { readonly tenant: string; readonly waiters: Waiter[] } | undefined;
    for (const [other, line] of this.#waiting) {
      const waiters = bounded(line);
      if (waiters.length > (longest?.waiters.length ?? own + 1)) longest = { tenant: other, waiters };
    }
    const last = longest?.waiters.at(-1);
    if (longest === undefined || last === undefined) throw this.#busy();
    this.#remove(longest.tenant, last);
    last.refuse(this.#busy());
  }

  #count({ patient }: Waiter, change: 1 | -1): void {
    this.#queued += change;
    if (!patient) this.#bounded += change;
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
