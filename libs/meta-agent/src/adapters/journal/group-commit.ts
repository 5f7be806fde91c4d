import { setTimeout as sleep } from 'node:timers/promises';

/** Measures and waits; timers keep the process alive. */
export interface Stopwatch {
  /** Milliseconds since some moment. */
  now(): number;
  sleep(delayMs: number): Promise<void>;
}

/** What batches of a {@link GroupCommit} hold, and how fast they follow each other. */
export interface GroupCommitOptions<T> {
  /** How much an item counts in a batch. */
  readonly weigh: (item: T) => number;
  /** What a batch of several items may weigh. */
  readonly maxWeight: number;
  /**
   * After a batch of several items the next one begins this long after it began, in
   * milliseconds, so that it holds more; at once where more waits than fits. Default: 0.
   */
  readonly apartMs?: number;
  /** Default: the process's monotonic clock. */
  readonly stopwatch?: Stopwatch;
}

/**
 * Collects what many callers want to write and hands it over in batches, one at
 * a time: a batch is what came in since the batch before it was handed over. A
 * database with one connection then does one transaction for all of them.
 * Callers that write one at a time never wait for others.
 */
export class GroupCommit<T, R = void> {
  #waiting: { item: T; done: (result: R) => void; failed: (error: unknown) => void }[] = [];
  #working: Promise<void> | undefined;
  /** The earliest moment of the next batch, unless more waits than fits into it. */
  #notBefore = 0;

  /**
   * @param write writes a batch and returns one entry an item: what became of it,
   *   or the error of that item alone. Throwing fails the batch.
   */
  constructor(
    private readonly write: (items: readonly T[]) => Promise<readonly (R | Error)[]>,
    private readonly options: GroupCommitOptions<T>,
  ) {}

  /** Resolves with what became of the item when it is written; rejects when it is not. */
  add(item: T): Promise<R> {
    const written = new Promise<R>((done, failed) => {
      this.#waiting.push({ item, done, failed });
    });
    this.#working ??= this.#drain();
    return written;
  }

  /** Resolves when nothing waits to be written any more. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** How many of those that wait go into one batch. */
  #fitting(): number {
    let weight = 0;
    const { weigh, maxWeight } = this.options;
    const end = this.#waiting.findIndex(({ item }) => (weight += weigh(item)) > maxWeight);
    return end < 0 ? this.#waiting.length : Math.max(1, end);
  }

  async #drain(): Promise<void> {
    // Callers of the same tick go into the first batch together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#keepApart();
      const batch = this.#waiting.splice(0, this.#fitting());
      try {
        const results = await this.write(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => {
          const result = results[index] as R | Error;
          if (result instanceof Error) entry.failed(result);
          else entry.done(result);
        });
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    this.#working = undefined;
  }

  async #keepApart(): Promise<void> {
    const { apartMs = 0, stopwatch = { now: () => performance.now(), sleep } } = this.options;
    const restMs = this.#notBefore - stopwatch.now();
    if (restMs > 0 && this.#fitting() === this.#waiting.length) await stopwatch.sleep(restMs);
    this.#notBefore = this.#fitting() > 1 ? stopwatch.now() + apartMs : 0;
  }
}
