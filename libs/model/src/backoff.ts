import { ModelLimits } from './limits.js';
import type { RandomSource } from './ports.js';

const firstStepMs = 500;

/**
 * How long to wait before attempt `attempt` + 1 (attempts count from 0): full
 * jitter over a doubling span ("Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015). Where the server named a time, that is waited first,
 * and only the first span is added, so that its clients do not return as one.
 */
export function retryDelayMs(attempt: number, random: RandomSource, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs + random() * firstStepMs;
  return random() * Math.min(ModelLimits.backoffMs, firstStepMs * 2 ** attempt);
}

/** The wait that `retry-after-ms` or `Retry-After` (seconds or an HTTP date) asks for; undefined without one. */
export function parseRetryAfter(headers: Headers | undefined, nowMs: number): number | undefined {
  const exact = numberOf(headers?.get('retry-after-ms'));
  if (exact !== undefined) return exact;
  const text = headers?.get('retry-after')?.trim();
  const seconds = numberOf(text);
  if (seconds !== undefined) return seconds * 1000;
  const date = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function numberOf(text: string | null | undefined): number | undefined {
  return text != null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
