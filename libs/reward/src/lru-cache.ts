/** What bounds an {@link LruCache}. */
export interface LruCacheLimits<Value> {
  /** Greatest number of entries. */
  readonly entries: number;
  /** Greatest sum of `weigh` over all entries; default unbounded. */
  readonly weight?: number;
  /** Weight of one value; default 1. */
  readonly weigh?: (value: Value) => number;
  /** Told of each entry that is dropped to make room. */
  readonly evicted?: (key: string, value: Value) => void;
}

/** A map that forgets what was used longest ago once it is full. */
export class LruCache<Value> {
  readonly #values = new Map<string, Value>();
  readonly #limits: LruCacheLimits<Value>;
  #weight = 0;

  constructor(limits: LruCacheLimits<Value>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#values.size;
  }

  /** The value of a key, which counts as a use, or undefined. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** Stores a value as the one used last, and drops the oldest ones beyond the limits. */
  set(key: string, value: Value): void {
    this.#remove(key);
    this.#values.set(key, value);
    this.#weight += this.#weigh(value);
    const { entries, weight = Infinity, evicted } = this.#limits;
    for (const [oldest, old] of this.#values) {
      if (this.#values.size <= entries && this.#weight <= weight) break;
      this.#remove(oldest);
      evicted?.(oldest, old);
    }
  }

  #remove(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#weight -= this.#weigh(value);
  }

  #weigh(value: Value): number {
    return this.#limits.weigh?.(value) ?? 1;
  }
}
