import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';

type Event = NonNullable<WorkflowEvent['event']>;
type TokenDelta = Extract<Event, { $case: 'tokenDelta' }>['value'];

/** The time, as a queue needs it. */
export interface EventQueueOptions {
  /** Milliseconds since the run began. */
  readonly elapsedMs: () => number;
  /** Calls `action` once after `ms` milliseconds; the returned function calls it off. */
  readonly after: (ms: number, action: () => void) => () => void;
}

/** Events that may wait before new work waits for the reader. */
const HIGH_WATER = 256;

/** How long text may wait for more of it, in milliseconds: models give it in small pieces, and each message costs. */
const TEXT_WAIT_MS = 25;

/**
 * Events on their way to the caller. A slow reader slows the work down: before
 * new requests the work awaits `room()`. Text deltas of one request that wait are
 * joined.
 */
export class EventQueue {
  private readonly waiting: WorkflowEvent[] = [];
  /** The delta of each request that more text can be added to. */
  private readonly growing = new Map<string, TokenDelta>();
  private cancelTextWait: (() => void) | undefined;
  private wakeReader: (() => void) | undefined;
  private readonly writers: (() => void)[] = [];
  private closed = false;

  constructor(private readonly options: EventQueueOptions) {}

  /** Adds an event; after `close` it is dropped. */
  push(event: Event): void {
    if (this.closed) return;
    if (event.$case === 'tokenDelta') return this.pushText(event.value);
    // Text that comes after this event may not be told before it.
    this.growing.clear();
    this.waiting.push({ atMs: this.now(), event });
    this.wake();
  }

  /** Waits until the reader has caught up. */
  async room(): Promise<void> {
    while (!this.closed && this.waiting.length >= HIGH_WATER) {
      await new Promise<void>((resolve) => this.writers.push(resolve));
    }
  }

  /** Ends the events; those that wait are still read. */
  close(): void {
    this.closed = true;
    this.wake();
    for (const wake of this.writers.splice(0)) wake();
  }

  /** Reads the events in order. */
  async *read(): AsyncGenerator<WorkflowEvent> {
    for (;;) {
      const next = this.cancelTextWait === undefined ? this.waiting.shift() : undefined;
      if (next !== undefined) {
        if (next.event?.$case === 'tokenDelta') this.growing.delete(next.event.value.requestId);
        if (this.waiting.length < HIGH_WATER) for (const wake of this.writers.splice(0)) wake();
        yield next;
        continue;
      }
      if (this.closed) return;
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
      this.wakeReader = undefined;
    }
  }

  private pushText(delta: TokenDelta): void {
    const growing = this.growing.get(delta.requestId);
    if (growing !== undefined) {
      growing.text += delta.text;
      return;
    }
    const own = { ...delta };
    this.growing.set(delta.requestId, own);
    this.waiting.push({ atMs: this.now(), event: { $case: 'tokenDelta', value: own } });
    // Where something else waits, it is read at once, and the text with it.
    if (this.waiting.length > 1) return;
    this.cancelTextWait = this.options.after(TEXT_WAIT_MS, () => this.wake());
  }

  private wake(): void {
    this.cancelTextWait?.();
    this.cancelTextWait = undefined;
    this.wakeReader?.();
  }

  private now(): number {
    return Math.round(this.options.elapsedMs());
  }
}
