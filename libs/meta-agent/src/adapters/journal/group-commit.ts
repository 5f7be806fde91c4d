/**
 * Collects what many callers want to write and hands it over in batches, one at
 * a time: a batch is what came in while the batch before it was written. A
 * database with one connection then does one transaction for all of them.
 */
export class GroupCommit<T> {
  #waiting: { item: T; done: () => void; failed: (error: unknown) => void }[] = [];
  #working: Promise<void> | undefined;

  /**
   * @param write writes a batch and returns one entry an item: undefined when it
   *   is written, otherwise the error of that item alone. Throwing fails the batch.
   * @param weigh how much an item counts in a batch
   * @param maxWeight what a batch of several items may weigh
   */
  constructor(
    private readonly write: (items: readonly T[]) => Promise<(Error | undefined)[]>,
    private readonly weigh: (item: T) => number,
    private readonly maxWeight: number,
  ) {}

  /** Resolves when the item is written; rejects when it is not. */
  add(item: T): Promise<void> {
    const written = new Promise<void>((done, failed) => {
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
    const end = this.#waiting.findIndex(({ item }) => (weight += this.weigh(item)) > this.maxWeight);
    return end < 0 ? this.#waiting.length : Math.max(1, end);
  }

  async #drain(): Promise<void> {
    // Callers of the same tick go into the first batch together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#fitting());
      try {
        const errors = await this.write(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => {
          const error = errors[index];
          if (error === undefined) entry.done();
          else entry.failed(error);
        });
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    this.#working = undefined;
  }
}
