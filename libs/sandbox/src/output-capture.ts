import { HARD_OUTPUT_FACTOR } from './limits.js';

const NOTHING = Buffer.alloc(0);

/** Keeps the first bytes of one output stream and counts the rest. */
export class OutputCapture {
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #seenBytes = 0;

  /** @param limitBytes how many bytes are kept */
  constructor(private readonly limitBytes: number) {}

  /** Takes a chunk and returns the part of it that is kept. */
  add(chunk: Buffer): Buffer {
    this.#seenBytes += chunk.length;
    const room = this.limitBytes - this.#keptBytes;
    if (room <= 0) return NOTHING;
    // A copy, so that a small part does not hold on to a large chunk.
    const part = chunk.length > room ? Buffer.from(chunk.subarray(0, room)) : chunk;
    this.#kept.push(part);
    this.#keptBytes += part.length;
    return part;
  }

  /** Whether the hard limit has been passed. */
  get flooded(): boolean {
    return this.#seenBytes > this.limitBytes * HARD_OUTPUT_FACTOR;
  }

  /** The bytes kept so far. */
  bytes(): Buffer {
    return Buffer.concat(this.#kept, this.#keptBytes);
  }

  /** Whether anything was dropped. */
  get truncated(): boolean {
    return this.#seenBytes > this.#keptBytes;
  }
}
