import { describe, expect, it } from 'vitest';
import { parseRetryAfter, retryDelayMs } from './backoff.js';

describe('retryDelayMs', () => {
  it('spreads over a span that doubles up to the limit', () => {
    const spans = [0, 1, 2, 3, 6, 20].map((attempt) => retryDelayMs(attempt, () => 1));
    expect(spans).toEqual([500, 1000, 2000, 4000, 30_000, 30_000]);
    expect(retryDelayMs(3, () => 0)).toBe(0);
    expect(retryDelayMs(3, () => 0.25)).toBe(1000);
  });

  it('never returns before the time that the server named', () => {
    expect(retryDelayMs(0, () => 0, 9000)).toBe(9000);
    expect(retryDelayMs(5, () => 1, 9000)).toBe(9500);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.UTC(2030, 0, 1);
  it.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': ' 1.5 ' }, 1500],
    [{ 'retry-after': 'Tue, 01 Jan 2030 00:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue, 01 Jan 2020 00:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5x' }, undefined],
    [{}, undefined],
  ])('reads %j', (headers, expected) => {
    expect(parseRetryAfter(new Headers(headers as Record<string, string>), now)).toBe(expected);
  });

  it('takes no headers for none', () => {
    expect(parseRetryAfter(undefined, now)).toBeUndefined();
  });
});
