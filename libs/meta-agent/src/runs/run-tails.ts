import type { Clock, Journal, RunTail } from '../ports.js';

/** What a look at the journal needs. */
export interface RunTailsOptions {
  readonly journal: Pick<Journal, 'exclusive' | 'tails'>;
  readonly clock: Clock;
  /** Time between two looks, in milliseconds. Default 50. */
  readonly everyMs?: number;
}

/** Who follows a run. */
export interface TailFollower {
  /** Told how far a run's journal has come; undefined where the run is gone or the store can't be read. */
  onTail(tail: RunTail | undefined): void;
  /** Whether this process works on the run and tells of its events: then it is looked at once in a while. */
  isFed(): boolean;
}

/** Each so many looks are at runs too that this process works on, which another one may have taken over. */
const fullLookEach = 20;

/**
 * Looks how far the journals of watched runs have come, all of them in one
 * statement, so that runs can be watched that another process works on. Where no
 * other process can, nothing is looked at.
 */
export class RunTails {
  readonly #options: RunTailsOptions;
  readonly #followers = new Map<string, Set<TailFollower>>();
  #looks = 0;
  #stopTimer: (() => void) | undefined;
  #looking = false;

  constructor(options: RunTailsOptions) {
    this.#options = options;
  }

  /** Tells the follower of each look; the returned function ends that. */
  follow(runId: string, follower: TailFollower): () => void {
    const followers = this.#followers.get(runId) ?? new Set();
    this.#followers.set(runId, followers.add(follower));
    this.#schedule();
    return () => {
      followers.delete(follower);
      if (followers.size === 0) this.#followers.delete(runId);
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
    const isFull = this.#looks++ % fullLookEach === 0;
    const runIds = [...this.#followers].flatMap(([runId, followers]) =>
      isFull || [...followers].some((each) => !each.isFed()) ? [runId] : [],
    );
    const found = new Map<string, RunTail>();
    try {
      const tails = runIds.length === 0 ? [] : await this.#options.journal.tails(runIds);
      for (const tail of tails) found.set(tail.runId, tail);
    } catch {
      // Whoever watches reads for himself now, and is told what is wrong with the store.
    }
    this.#looking = false;
    for (const runId of runIds)
      for (const follower of this.#followers.get(runId) ?? []) follower.onTail(found.get(runId));
    this.#schedule();
  }
}
