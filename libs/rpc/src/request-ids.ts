import { createHash } from 'node:crypto';
import { FlowError } from './flow-error.js';

/** How repeated requests are recognised. */
export interface RequestIdOptions {
  /** How long a request is remembered after its answer, in milliseconds. Default one hour. */
  readonly keepMs?: number;
  /** Greatest number of remembered requests; beyond it the oldest are forgotten. Default 10 000. */
  readonly maxEntries?: number;
  /** Milliseconds, from any fixed point. */
  readonly now?: () => number;
}

/** One mutation. */
export interface IdentifiedRequest {
  readonly tenant: string;
  /** Full name of the method. */
  readonly method: string;
  /** The caller's id for it; with an empty one nothing is remembered. */
  readonly requestId: string;
  /** The encoded request message. */
  readonly body: Uint8Array;
}

interface Entry {
  readonly digest: string;
  readonly answer: Promise<unknown>;
  expires: number;
}

/** Longest `request_id`, in characters. */
const maxIdLength = 128;

/**
 * Makes mutations idempotent within one process: the same `request_id` with
 * the same body gets the first one's answer, also while that is still being
 * made; with another body it is refused. Failed requests are forgotten, so
 * that they can be repeated.
 */
export class RequestIds {
  readonly #entries = new Map<string, Entry>();
  readonly #keepMs: number;
  readonly #maxEntries: number;
  readonly #now: () => number;

  constructor({ keepMs = 3_600_000, maxEntries = 10_000, now = Date.now }: RequestIdOptions = {}) {
    this.#keepMs = keepMs;
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  /**
   * Runs `work` unless the request was seen before.
   *
   * @throws FlowError ALREADY_EXISTS where the id was used with another body, or whatever `work` throws
   */
  async once<T>(request: IdentifiedRequest, work: () => Promise<T>): Promise<T> {
    const { tenant, method, requestId } = request;
    if (requestId === '') return work();
    if (requestId.length > maxIdLength) throw idTooLong();
    const key = JSON.stringify([tenant, method, requestId]);
    const digest = createHash('sha256').update(request.body).digest('base64');
    const known = this.#entries.get(key);
    if (known !== undefined && known.expires > this.#now()) {
      if (known.digest !== digest) throw reused(requestId);
      // Whoever asked first may have gone; that must not fail those who still wait.
      return (known.answer as Promise<T>).catch(() => this.once(request, work));
    }
    const answer = work();
    const entry = { digest, answer, expires: Infinity };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#forgetOldest();
    try {
      const result = await answer;
      entry.expires = this.#now() + this.#keepMs;
      return result;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.#entries.delete(key);
    }
  }
}

function idTooLong(): FlowError {
  const description = `must have at most ${maxIdLength} characters`;
  return new FlowError('INVALID_ARGUMENT', 'REQUEST_ID_INVALID', `request_id ${description}`, {
    fieldViolations: [{ field: 'request_id', description }],
  });
}

function reused(requestId: string): FlowError {
  return new FlowError(
    'ALREADY_EXISTS',
    'REQUEST_ID_REUSED',
    `the request_id ${JSON.stringify(requestId)} was used for another request`,
    { hint: 'Use a new request_id for a new request, and the old one only to repeat the same request.' },
  );
}
