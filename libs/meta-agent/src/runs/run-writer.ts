import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Clock, Journal, RunAppend, RunClaim } from '../ports.js';
import type { EventHub } from './event-hub.js';
import { foldEvent, type RunFold } from './run-fold.js';
import { runName } from './run-name.js';
import { FlowError } from '@flowreasoner/rpc';

/** What happened, without the fields that the writer fills in. */
export type RunFact = NonNullable<RunEvent['event']>;

/** What a writer works on. */
export interface RunWriterOptions {
  readonly journal: Journal;
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly claim: Pick<RunClaim, 'runId' | 'epoch' | 'lastSequence'>;
  /** The run's state at the claim. */
  readonly fold: RunFold;
  /** How long a journal that can't be reached is tried again, in milliseconds. */
  readonly patienceMs: number;
  /** Told once when the journal refuses or fails: nothing more can be written. */
  readonly onFailure: (error: unknown) => void;
}

/** One who waits until the events up to a sequence number are written, or can't be. */
interface Flush {
  readonly upTo: bigint;
  readonly done: () => void;
}

const firstWaitMs = 50;
const longestWaitMs = 1_000;
// So many events wait for the journal before the run waits for it too.
const roomyEvents = 1_000;

/**
 * The one writer of a run's events. Events get their sequence number at once
 * and are written in the background, everything that has come in since the last
 * write together.
 */
export class RunWriter {
  readonly #options: RunWriterOptions;
  readonly #runId: string;
  #fold: RunFold;
  #written: bigint;
  #waiting: RunEvent[] = [];
  #working: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #sealed = false;
  readonly #flushing = new Set<Flush>();

  constructor(options: RunWriterOptions) {
    this.#options = options;
    this.#runId = options.claim.runId;
    this.#fold = options.fold;
    this.#written = options.claim.lastSequence;
  }

  /** The state after everything that was emitted. */
  get fold(): RunFold {
    return this.#fold;
  }

  /** Adds a fact to the journal, soon. After a failure, or when the writer is sealed, it is dropped. */
  emit(round: number, fact: RunFact): void {
    if (this.#failure !== undefined || this.#sealed) return;
    const event = this.#event(this.#fold.run.lastSequence + 1n, round, fact);
    this.#fold = foldEvent(this.#fold, event);
    this.#waiting.push(event);
    this.#working ??= this.#drain();
  }

  /** Whether the run is somebody else's. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** Drops whatever is emitted from now on: the run is somebody else's. */
  seal(): void {
    this.#sealed = true;
  }

  /** Streams a fact to whoever watches, without adding it to the journal. */
  pass(round: number, fact: RunFact): void {
    if (!this.#options.hub.hasListeners(this.#runId)) return;
    this.#options.hub.passing(this.#runId, {
      event: this.#event(0n, round, fact),
      afterSequence: this.#fold.run.lastSequence,
    });
  }

  /**
   * Resolves when all that was emitted by now is in the journal.
   *
   * @throws what the journal threw
   */
  async flush(): Promise<void> {
    const upTo = this.#fold.run.lastSequence;
    if (this.#failure === undefined && this.#written < upTo) {
      await new Promise<void>((done) => this.#flushing.add({ upTo, done }));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits as long as the journal is far behind. */
  async room(): Promise<void> {
    while (this.#working !== undefined && this.#waiting.length > roomyEvents) await this.#working;
  }

  #event(sequence: bigint, round: number, fact: RunFact): RunEvent {
    return {
      run: runName(this.#runId),
      sequence,
      time: new Date(this.#options.clock.now()),
      round,
      event: fact,
    };
  }

  async #drain(): Promise<void> {
    // Facts of the same tick go into one write.
    await Promise.resolve();
    const { hub, claim, onFailure } = this.#options;
    while (this.#waiting.length > 0) {
      const events = this.#waiting;
      this.#waiting = [];
      const run = this.#fold.run;
      try {
        await this.#append({
          runId: this.#runId,
          epoch: claim.epoch,
          expectedSequence: this.#written,
          events,
          run,
        });
      } catch (error) {
        this.#failure = { error };
        this.#waiting = [];
        this.#working = undefined;
        this.#endFlushes();
        hub.failed(this.#runId, error);
        onFailure(error);
        return;
      }
      this.#written += BigInt(events.length);
      this.#endFlushes();
      hub.committed(this.#runId, events);
    }
    this.#working = undefined;
  }

  #endFlushes(): void {
    for (const flush of this.#flushing) {
      if (this.#failure === undefined && flush.upTo > this.#written) continue;
      this.#flushing.delete(flush);
      flush.done();
    }
  }

  /** Appends, again and again while the journal can't be reached: what was written already counts as written. */
  async #append(append: RunAppend): Promise<void> {
    const { journal, clock, patienceMs } = this.#options;
    const giveUpAt = clock.now() + patienceMs;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      try {
        return await journal.append(append);
      } catch (error) {
        const mayPass = error instanceof FlowError && error.reason === 'STORE_FAILED';
        if (!mayPass || clock.now() + waitMs > giveUpAt) throw error;
      }
      await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
    }
  }
}
