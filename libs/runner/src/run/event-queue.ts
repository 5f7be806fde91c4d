import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';

type Event = NonNullable<WorkflowEvent['event']>;

/** Events that may wait before new work waits for the reader. */
const HIGH_WATER = 256;

/**
 * Events on their way to the caller. A slow reader slows the work down: before
 * new requests the work awaits `room()`, and text deltas of one request that wait
 * are joined.
 */
export class EventQueue {
  private readonly waiting: WorkflowEvent[] = [];
  private wakeReader: (() => void) | undefined;
  private readonly writers: (() => void)[] = [];
  private closed = false;

  /** @param elapsedMs milliseconds since the run began */
  constructor(private readonly elapsedMs: () => number) {}

  /** Adds an event; after `close` it is dropped. */
  push(event: Event): void {
    if (this.closed) return;
    const last = this.waiting.at(-1)?.event;
    const isSame =
      event.$case === 'tokenDelta' &&
      last?.$case === 'tokenDelta' &&
      last.value.requestId === event.value.requestId;
    if (isSame) last.value.text += event.value.text;
    else this.waiting.push({ atMs: Math.round(this.elapsedMs()), event });
    this.wakeReader?.();
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
    this.wakeReader?.();
    for (const wake of this.writers.splice(0)) wake();
  }

  /** Reads the events in order. */
  async *read(): AsyncGenerator<WorkflowEvent> {
    for (;;) {
      const next = this.waiting.shift();
      if (next !== undefined) {
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
}
