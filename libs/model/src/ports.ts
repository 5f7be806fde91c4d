import type { Completion } from './completion.js';

/** Time, as the client sees it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `run` once, `delayMs` from now; the function it returns cancels that. */
  after(delayMs: number, run: () => void): () => void;
}

/** A source of numbers in [0, 1), used for the jitter of retries. */
export type RandomSource = () => number;

/** Where the client writes what an operator should know; a pino logger fits. */
export interface ModelLogger {
  warn(fields: Record<string, unknown>, message: string): void;
}

/** Answers by content address. It may forget at any time; a failing cache never fails a call. */
export interface CompletionCache {
  get(key: string): Promise<Completion | undefined>;
  set(key: string, completion: Completion): Promise<void>;
}
