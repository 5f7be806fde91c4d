import { FlowError } from '@flowreasoner/rpc';
import type { Clock } from '../ports.js';

interface Bucket {
  tokens: number;
  at: number;
}

/** What is left after a request was counted. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
}

const minuteMs = 60_000;
const maxBuckets = 10_000;

/** A token bucket for each key: a minute's requests at once, then as many as flow in. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /** @param perMinute requests a minute of each key */
  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
  ) {}

  /**
   * Counts a request.
   *
   * @throws FlowError RESOURCE_EXHAUSTED RATE_LIMITED with the time to wait
   */
  take(key: string): RateState {
    const now = this.clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: this.perMinute, at: now };
    const inflow = ((now - bucket.at) * this.perMinute) / minuteMs;
    bucket.tokens = Math.min(this.perMinute, bucket.tokens + Math.max(0, inflow));
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > maxBuckets) this.#forgetFull(now);
    if (bucket.tokens < 1) {
      throw new FlowError(
        'RESOURCE_EXHAUSTED',
        'RATE_LIMITED',
        `This API key may make ${this.perMinute} requests a minute.`,
        { retryAfterMs: Math.round(((1 - bucket.tokens) * minuteMs) / this.perMinute) },
      );
    }
    bucket.tokens -= 1;
    return { limit: this.perMinute, remaining: Math.floor(bucket.tokens) };
  }

  /** A bucket that has filled up again is as good as none. */
  #forgetFull(now: number): void {
    for (const [key, { tokens, at }] of this.#buckets) {
      if (tokens + ((now - at) * this.perMinute) / minuteMs >= this.perMinute) this.#buckets.delete(key);
    }
  }
}
