import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.js';
import { StreamSlots } from './stream-slots.js';

describe('the rate of a key', () => {
  it('is a minute of requests at once, then what flows in; other keys have their own', async () => {
    const clock = createFakeClock();
    const rates = new RateLimiter(clock, 6);
    for (let left = 5; left >= 0; left--) expect(rates.take('a')).toEqual({ limit: 6, remaining: left });
    const refused = (): unknown => {
      try {
        return rates.take('a');
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toMatchObject({ reason: 'RATE_LIMITED', options: { retryAfterMs: 10_000 } });
    expect(rates.take('b').remaining).toBe(5);
    await clock.advance(9_000);
    expect(refused()).toMatchObject({ options: { retryAfterMs: 1_000 } });
    await clock.advance(1_000);
    expect(rates.take('a').remaining).toBe(0);
    await clock.advance(3_600_000);
    expect(rates.take('a').remaining).toBe(5);
  });
});

describe('answers on their way', () => {
  it('are limited for each key and for all, and counted out once', () => {
    const slots = new StreamSlots({ total: 3, perKey: 2 });
    const leave = slots.enter('a');
    slots.enter('a');
    expect(() => slots.enter('a')).toThrow('2 answers on their way');
    slots.enter('b');
    expect(() => slots.enter('c')).toThrow('3 answers on their way');
    leave();
    leave();
    expect(slots.open).toBe(2);
    slots.enter('a');
    expect(() => slots.enter('a')).toThrow('2 answers');
  });
});
