import { FlowError } from '@flowreasoner/rpc';

/** How many answers may be on their way at once. */
export interface StreamLimits {
  readonly total: number;
  readonly perKey: number;
}

const retryAfterMs = 2_000;

/** Counts the answers that are on their way: runs being waited for, and streams of events. */
export class StreamSlots {
  readonly #byKey = new Map<string, number>();
  #total = 0;

  constructor(private readonly limits: StreamLimits) {}

  /** Answers that are on their way. */
  get open(): number {
    return this.#total;
  }

  /**
   * Counts an answer in; the function it returns counts it out, once.
   *
   * @throws FlowError RESOURCE_EXHAUSTED TOO_MANY_STREAMS for the key, UNAVAILABLE GATEWAY_FULL for all
   */
  enter(key: string): () => void {
    const { total, perKey } = this.limits;
    const ofKey = this.#byKey.get(key) ?? 0;
    if (ofKey >= perKey) {
      throw new FlowError(
        'RESOURCE_EXHAUSTED',
        'TOO_MANY_STREAMS',
        `This API key has ${perKey} answers on their way already, which is the limit.`,
        { retryAfterMs },
      );
    }
    if (this.#total >= total) {
      throw new FlowError(
        'UNAVAILABLE',
        'GATEWAY_FULL',
        `The gateway has ${total} answers on their way already.`,
        {
          retryAfterMs,
        },
      );
    }
    this.#byKey.set(key, ofKey + 1);
    this.#total += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#total -= 1;
      const rest = (this.#byKey.get(key) ?? 1) - 1;
      if (rest === 0) this.#byKey.delete(key);
      else this.#byKey.set(key, rest);
    };
  }
}
