import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Journal, RunTail } from '../ports.js';
import type { EventHub, PassingEvent, RunListener } from './event-hub.js';
import type { RunTails, TailFollower } from './run-tails.js';

/** What is watched, and how. */
export interface WatchOptions {
  readonly journal: Journal;
  readonly hub: EventHub;
  readonly tails: RunTails;
  readonly runId: string;
  /** Only events with a greater sequence number are given. */
  readonly afterSequence: bigint;
  /** Whether events are given that are not journalled. */
  readonly passing: boolean;
  /** Ends the watch; the generator then throws the signal's reason. */
  readonly signal: AbortSignal;
}

const page = 200;
// A reader that is further behind reads from the journal again.
const maxQueued = 500;
const maxPassing = 20_000;

/**
 * A run's events in order, each once, until the run has ended.
 *
 * The journal alone decides what is given: what the hub tells only spares
 * reading it again. Events of runs that other processes work on are found by the
 * looks of `tails`.
 */
export async function* watchEvents(options: WatchOptions): AsyncGenerator<RunEvent, void, undefined> {
  const { journal, runId, signal } = options;
  const inbox = new Inbox(options);
  let cursor = options.afterSequence;
  // Whether the journal may hold events that the hub has not told of.
  let behind = true;
  try {
    for (;;) {
      signal.throwIfAborted();
      yield* inbox.takePassing(cursor);
      let events = inbox.takeNext(cursor);
      if (events.length === 0 && behind) {
        events = await journal.readEvents(runId, cursor, page);
        behind = events.length === page;
        if (events.length === 0 && (await hasEnded(journal, runId, cursor))) return;
      }
      for (const event of events) {
        yield event;
        cursor = event.sequence;
        if (event.event?.$case === 'runFinished') return;
        yield* inbox.takePassing(cursor);
      }
      if (events.length === 0) behind = (await inbox.wait(cursor)) || inbox.hasGap(cursor);
    }
  } finally {
    inbox.close();
  }
}

/** Whether the run ended at or before the cursor, or is gone: then nothing will ever follow. */
async function hasEnded(journal: Journal, runId: string, cursor: bigint): Promise<boolean> {
  const [tail] = await journal.tails([runId]);
  return tail === undefined || isEndedBy(tail, cursor);
}

function isEndedBy({ finished, lastSequence }: RunTail, cursor: bigint): boolean {
  return finished && lastSequence <= cursor;
}

/** What the hub and the looks at the journal have told since it was last asked. */
class Inbox implements RunListener, TailFollower {
  #committed: RunEvent[] = [];
  #passing: PassingEvent[] = [];
  #wake: ((timeToLook: boolean) => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** Where the reader was when it began to wait. */
  #cursor: bigint;
  /** Whether the hub tells of the run: this process works on it. */
  #isFed = false;
  /** The run's last event, once the hub has told of it. */
  #end: bigint | undefined;
  /** Last event that the latest look has found. */
  #found = 0n;
  readonly #subscriptions: readonly (() => void)[];

  constructor(private readonly options: WatchOptions) {
    const { hub, tails, runId, afterSequence } = options;
    this.#cursor = afterSequence;
    this.#subscriptions = [hub.subscribe(runId, this), tails.follow(runId, this)];
  }

  onCommitted(events: readonly RunEvent[]): void {
    this.#isFed = true;
    this.#committed.push(...events);
    if (this.#committed.length > maxQueued) this.#committed = this.#committed.slice(-1);
    const last = events.at(-1);
    if (last?.event?.$case === 'runFinished') this.#end = last.sequence;
    this.#wake?.(this.#hasEnded());
  }

  onPassing(passing: PassingEvent): void {
    if (!this.options.passing) return;
    if (this.#passing.length < maxPassing) this.#passing.push(passing);
    this.#wake?.(false);
  }

  /** The events that directly follow the cursor, if the hub has told of them. */
  takeNext(cursor: bigint): RunEvent[] {
    this.#committed = this.#committed.filter((event) => event.sequence > cursor);
    if (this.#committed[0]?.sequence !== cursor + 1n) return [];
    const next = this.#committed;
    this.#committed = [];
    return next;
  }

  /** Passing events whose place is not after the cursor. */
  *takePassing(cursor: bigint): Generator<RunEvent> {
    while (this.#passing[0] !== undefined && this.#passing[0].afterSequence <= cursor) {
      const passing = this.#passing.shift();
      if (passing !== undefined) yield passing.event;
    }
  }

  /** Whether the hub has told of later events, but not of the next one. */
  hasGap(cursor: bigint): boolean {
    const next = this.#committed.find((event) => event.sequence > cursor);
    return next !== undefined && next.sequence !== cursor + 1n;
  }

  onFailure(error: unknown): void {
    // Where several processes share the journal another one may go on with the run.
    if (this.options.journal.exclusive) this.#failure = { error };
    this.#isFed = false;
    this.#wake?.(true);
  }

  isFed(): boolean {
    return this.#isFed && this.#found <= this.#cursor;
  }

  onTail(tail: RunTail | undefined): void {
    if (tail === undefined) return this.#wake?.(true);
    // What was written here is in the journal a moment before the hub tells of it.
    const due = this.#isFed ? this.#found : tail.lastSequence;
    this.#found = tail.lastSequence;
    if (due <= this.#cursor && !isEndedBy(tail, this.#cursor)) return;
    this.#isFed = false;
    this.#wake?.(true);
  }

  /**
   * Waits for news, for the end of the watch, or for a reason to read the journal.
   *
   * @returns whether there is such a reason
   * @throws what kept the run's owner from writing on
   */
  async wait(cursor: bigint): Promise<boolean> {
    this.#throwFailure();
    if (this.#isNews(cursor)) return false;
    const { signal } = this.options;
    signal.throwIfAborted();
    this.#cursor = cursor;
    if (this.#hasEnded()) return true;
    const look = await new Promise<boolean>((resolve) => {
      const onAbort = (): void => this.#wake?.(false);
      this.#wake = (timeToLook) => {
        this.#wake = undefined;
        signal.removeEventListener('abort', onAbort);
        resolve(timeToLook);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
    this.#throwFailure();
    return look;
  }

  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }

  /** Whether the run has ended before where the reader wants to go on. */
  #hasEnded(): boolean {
    return this.#end !== undefined && this.#end <= this.#cursor;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #isNews(cursor: bigint): boolean {
    const passing = this.#passing[0];
    return (
      this.#committed.some((event) => event.sequence > cursor) ||
      (passing !== undefined && passing.afterSequence <= cursor)
    );
  }
}
