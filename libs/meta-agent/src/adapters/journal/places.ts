/** Lets a number of actions go on at the same time; others wait, in the order in which they came. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Does the action once there is a place for it. */
  async hold<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    // Whoever leaves hands the place over.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await action();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
