import type { ProgramLimits } from '../../ports.js';
import type { WarmContainer } from './warm-container.js';

/** What a pool needs. */
export interface ContainerPoolOptions {
  /** Containers that wait, started and attached. */
  readonly size: number;
  /** Limits of those that wait. */
  readonly limits: ProgramLimits;
  readonly make: (limits: ProgramLimits) => Promise<WarmContainer>;
}

/** Containers that are started before they are needed. Each runs one program and is removed. */
export class ContainerPool {
  #waiting: WarmContainer[] = [];
  readonly #making = new Set<Promise<void>>();
  readonly #removing = new Set<Promise<void>>();
  #closed = false;

  constructor(private readonly options: ContainerPoolOptions) {}

  /** How many wait, usable, now. */
  get waiting(): number {
    return this.#waiting.filter(({ usable }) => usable).length;
  }

  /**
   * Gives a container of its own to a program. One that was started ahead has a
   * disk of the usual size; another size takes a fresh one.
   */
  async take(limits: ProgramLimits): Promise<WarmContainer> {
    const warm = limits.diskBytes === this.options.limits.diskBytes ? this.#next() : undefined;
    const container = warm ?? (await this.options.make(limits));
    this.refill();
    return container;
  }

  /** Starts what is missing, in the background. A failure leaves the pool smaller until the next call. */
  refill(): void {
    if (this.#closed) return;
    this.#waiting = this.#waiting.filter((container) => {
      if (!container.usable) this.discard(container);
      return container.usable;
    });
    const { size, limits, make } = this.options;
    while (this.#waiting.length + this.#making.size < size) {
      const made = make(limits).then(
        (container) => {
          if (this.#closed) this.discard(container);
          else this.#waiting.push(container);
        },
        () => undefined,
      );
      const settled = made.finally(() => this.#making.delete(settled));
      this.#making.add(settled);
    }
  }

  /** Removes a container that was used, in the background. */
  discard(container: WarmContainer): void {
    const removed = container.remove().finally(() => this.#removing.delete(removed));
    this.#removing.add(removed);
  }

  /** Settles once nothing is being made or removed. */
  async settled(): Promise<void> {
    while (this.#making.size + this.#removing.size > 0) {
      await Promise.all([...this.#making, ...this.#removing]);
    }
  }

  /** Removes those that wait, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const container of this.#waiting.splice(0)) this.discard(container);
    await this.settled();
  }

  #next(): WarmContainer | undefined {
    for (;;) {
      const container = this.#waiting.shift();
      if (container === undefined || container.usable) return container;
      this.discard(container);
    }
  }
}
