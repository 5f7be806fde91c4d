import type { Clock } from '../../ports.js';

const maxBytes = 1_024;
const maxWaitMs = 250;

/** Joins reasoning that comes token by token into chunks of at most 1 KiB or 250 ms. */
export class ReasoningChunks {
  #waiting = '';
  #stopTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly emit: (text: string) => void,
  ) {}

  /** Adds text as it comes. */
  add(text: string): void {
    if (text === '') return;
    this.#waiting += text;
    while (Buffer.byteLength(this.#waiting) >= maxBytes) this.#emitFirst();
    if (this.#waiting !== '') this.#stopTimer ??= this.clock.after(maxWaitMs, () => this.flush());
  }

  /** Emits what waits. */
  flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#waiting !== '') this.emit(this.#waiting);
    this.#waiting = '';
  }

  /** Emits as many whole characters as fit into one chunk. */
  #emitFirst(): void {
    let bytes = 0;
    let end = 0;
    for (const character of this.#waiting) {
      bytes += Buffer.byteLength(character);
      if (bytes > maxBytes) break;
      end += character.length;
    }
    this.emit(this.#waiting.slice(0, end));
    this.#waiting = this.#waiting.slice(end);
  }
}
