import { RunState, type RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Clock, Journal } from '../ports.js';
import type { EventHub, PassingEvent, RunListener } from './event-hub.js';

/** What is watched, and how. */
export interface WatchOptions {
  readonly journal: Journal;
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly tenant: string;
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
// How often another process's run is looked at.
const pollMs = 200;

/**
 * A run's events in order, each once, until the run has ended.
 *
 * The journal alone decides what is given: what the hub tells only spares
 * reading it again.
 */
export async function* watchEvents(options: WatchOptions): AsyncGenerator<RunEvent, void, undefined> {
  const { journal, runId, tenant, signal } = options;
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
        behind = events.length > 0;
        if (!behind && (await hasEnded(journal, tenant, runId, cursor))) return;
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

/** Whether the run ended at or before the cursor: then nothing will ever follow. */
async function hasEnded(journal: Journal, tenant: string, runId: string, cursor: bigint): Promise<boolean> {
  const run = await journal.getRun(tenant, runId);
  return run === undefined || (run.state === RunState.RUN_STATE_FINISHED && run.lastSequence <= cursor);
}

/** What the hub has told since it was last asked. */
class Inbox implements RunListener {
  #committed: RunEvent[] = [];
  #passing: PassingEvent[] = [];
  #wake: ((timeToLook: boolean) => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  readonly #unsubscribe: () => void;

  constructor(private readonly options: WatchOptions) {
    this.#unsubscribe = options.hub.subscribe(options.runId, this);
  }

  onCommitted(events: readonly RunEvent[]): void {
    this.#committed.push(...events);
    if (this.#committed.length > maxQueued) this.#committed = this.#committed.slice(-1);
    this.#wake?.(false);
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
    this.#wake?.(true);
  }

  /**
   * Waits for news, for the end of the watch, or, where other processes write
   * too, for the next look at the journal.
   *
   * @returns whether it is time for that look
   * @throws what kept the run's owner from writing on
   */
  async wait(cursor: bigint): Promise<boolean> {
    this.#throwFailure();
    if (this.#isNews(cursor)) return false;
    const { signal, clock, journal } = this.options;
    signal.throwIfAborted();
    const look = await new Promise<boolean>((resolve) => {
      const onAbort = (): void => this.#wake?.(false);
      const stopPolling = journal.exclusive ? undefined : clock.after(pollMs, () => this.#wake?.(true));
      this.#wake = (timeToLook) => {
        this.#wake = undefined;
        stopPolling?.();
        signal.removeEventListener('abort', onAbort);
        resolve(timeToLook);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
    this.#throwFailure();
    return look;
  }

  close(): void {
    this.#unsubscribe();
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
