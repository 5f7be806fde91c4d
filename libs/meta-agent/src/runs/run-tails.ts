import type { Clock, Journal, RunTail } from '../ports.js';

/** What a look at the journal needs. */
export interface RunTailsOptions {
  readonly journal: Pick<Journal, 'exclusive' | 'tails'>;
  readonly clock: Clock;
  /** Time between two looks, in milliseconds. Default 50. */
  readonly everyMs?: number;
}

/** Told how far a run's journal has come; undefined where the run is gone or the store can't be read. */
export type TailListener = (tail: RunTail | undefined) => void;

/**
 * Looks how far the journals of watched runs have come, all of them in one
 * statement, so that runs can be watched that another process works on. Where no
 * other process can, nothing is looked at.
 */
export class RunTails {
  readonly #options: RunTailsOptions;
  readonly #followers = new Map<string, Set<TailListener>>();
  #stopTimer: (() => void) | undefined;
  #looking = false;

  constructor(options: RunTailsOptions) {
    this.#options = options;
  }

  /** Calls the listener after each look; the returned function ends that. */
  follow(runId: string, listener: TailListener): () => void {
    const listeners = this.#followers.get(runId) ?? new Set();
    this.#followers.set(runId, listeners.add(listener));
    this.#schedule();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#followers.delete(runId);
      if (this.#followers.size > 0) return;
      this.#stopTimer?.();
      this.#stopTimer = undefined;
    };
  }

  #schedule(): void {
    const { journal, clock, everyMs = 50 } = this.#options;
    const isIdle = this.#stopTimer === undefined && !this.#looking;
    if (journal.exclusive || this.#followers.size === 0 || !isIdle) return;
    this.#stopTimer = clock.after(everyMs, () => {
      this.#stopTimer = undefined;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const runIds = [...this.#followers.keys()];
    const found = new Map<string, RunTail>();
    try {
      for (const tail of await this.#options.journal.tails(runIds)) found.set(tail.runId, tail);
    } catch {
      // Whoever watches reads for himself now, and is told what is wrong with the store.
    }
    this.#looking = false;
    for (const runId of runIds)
      for (const listener of this.#followers.get(runId) ?? []) listener(found.get(runId));
    this.#schedule();
  }
}
