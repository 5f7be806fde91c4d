import type { SourceRange } from '../ir.js';
import { dictOf } from './compare.js';
import { OperatorError, Raised, Stop } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { PendingCall, type FieldKind, type Precedence } from './lazy.js';
import type { OperatorOutput } from './operator-port.js';
import { ExceptionValue, ListValue, type Value } from './values.js';

/** A call that failed, on its way to the `try` it was made in. */
export class CallFailed extends Error {
  constructor(readonly call: PendingCall) {
    super('operator call failed');
  }
}

/** What a call does once its arguments are known; `follows` are the calls that had to end before it. */
export type CallWork = (
  call: PendingCall,
  follows: readonly string[],
) => Promise<ReadonlyMap<string, OperatorOutput>>;

/** Greatest number of calls that a call is said to follow; of more, the last ones. */
const MOST_FOLLOWED = 64;

/** Operator calls at work at once, of a whole run. */
export class CallSlots {
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(private readonly concurrency: number) {}

  async enter(): Promise<void> {
    if (this.running < this.concurrency) {
      this.running += 1;
      return;
    }
    await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  leave(): void {
    const next = this.queue.shift();
    if (next === undefined) this.running -= 1;
    else next();
  }
}

/**
 * The calls that one thread of a run makes: operator calls, and helpers that go
 * on beside it. An operator call begins as soon as its arguments are known and
 * one of the run's slots is free.
 */
export class CallBook {
  private readonly open = new Map<number, PendingCall>();
  /** The last operator calls that this thread has waited for. */
  private passed = new Map<string, readonly string[]>();
  /** Those that had been waited for when this thread came into being. */
  private before: readonly string[] = [];
  private readonly seen = new WeakSet<PendingCall>();
  private heir: CallBook | undefined;
  /** Calls up to this number were made before this thread came into being. */
  private readonly base: number;

  constructor(
    private readonly slots: CallSlots,
    /** Ends the run, for what no program may catch. */
    readonly stop: (stop: Stop) => void,
    /** Number of the last call that was made. */
    public sequence = 0,
  ) {
    this.base = sequence;
  }

  /** The book of work that goes on beside this thread from here. */
  fork(): CallBook {
    // The number in between is that of the work itself.
    const book = new CallBook(this.slots, this.stop, this.sequence + 1);
    book.passed = new Map(this.passed);
    book.before = [...this.passed.keys()];
    return book;
  }

  /** The last calls of this thread, each with those before the thread that need not be named beside them. */
  private ends(): Precedence {
    const followed = this.before.filter((place) => !this.passed.has(place));
    return new Map(
      Array.from(this.passed, ([place, follows]) => [place, [...follows, ...followed]] as const),
    );
  }

  /** Takes over the calls of work that did not have to wait, as if this thread had made them. */
  adopt(book: CallBook): void {
    for (const call of book.open.values()) {
      call.sequence = ++this.sequence;
      this.open.set(call.sequence, call);
    }
    book.open.clear();
    book.heir = this;
    this.passed = book.passed;
  }

  /** Enters work that goes on beside this thread. */
  enterHelper(place: string, range: SourceRange): PendingCall {
    const call = new PendingCall(++this.sequence, place, range);
    this.open.set(call.sequence, call);
    return call;
  }

  /** Ends work that went on beside this thread. */
  helperReturned(call: PendingCall, result: Value, first: Value, book: CallBook): void {
    call.ends = book.ends();
    call.succeed(result, () => first);
    this.close(call);
  }

  /** Ends work that went on beside this thread, by what it threw. */
  helperThrew(call: PendingCall, error: unknown): void {
    if (error instanceof CallFailed) {
      call.range = error.call.range;
      this.failed(call, new Raised(error.call.failure as ExceptionValue));
    } else {
      if (error instanceof Raised) call.range = error.range ?? call.range;
      this.failed(call, error);
    }
  }

  /** Makes a call that begins once `needs` have succeeded. */
  start(
    place: string,
    range: SourceRange,
    resultFields: ReadonlyMap<string, FieldKind>,
    needs: readonly PendingCall[],
    work: CallWork,
  ): PendingCall {
    const call = new PendingCall(++this.sequence, place, range, resultFields);
    this.open.set(call.sequence, call);
    void this.perform(call, needs, new Map(this.passed), work);
    return call;
  }

  private async perform(
    call: PendingCall,
    needs: readonly PendingCall[],
    passed: Map<string, readonly string[]>,
    work: CallWork,
  ): Promise<void> {
    for (const need of needs) if (need.state === 'open') await need.settled;
    const failed = needs.find((need) => need.state === 'failed' && !need.collected);
    if (failed?.failure !== undefined) {
      call.fail(failed.failure);
      return;
    }
    for (const need of needs) pass(passed, need);
    const follows = [...passed.keys()].slice(-MOST_FOLLOWED);
    call.ends = new Map([[call.place, follows]]);
    await this.slots.enter();
    try {
      if (call.controller.signal.aborted) return;
      const output = await work(call, follows);
      if (call.controller.signal.aborted) return;
      const fields = new Map(Array.from(output, ([name, value]) => [name, toValue(value)] as const));
      call.succeed(dictOf(fields), () => dictOf(fields), fields);
      this.close(call);
    } catch (error) {
      this.failed(call, error);
    } finally {
      this.slots.leave();
    }
  }

  private failed(call: PendingCall, error: unknown): void {
    if (call.controller.signal.aborted) return;
    if (error instanceof OperatorError) call.fail(new ExceptionValue(error.type, [error.message]));
    else if (error instanceof Raised) call.fail(error.exception);
    else this.stop(error instanceof Stop ? error : new Stop({ kind: 'operator', cause: error }));
    if (call.collected) this.close(call);
  }

  private close(call: PendingCall): void {
    if (this.heir !== undefined) this.heir.close(call);
    else this.open.delete(call.sequence);
  }

  private pass(call: PendingCall): void {
    if (this.seen.has(call)) return;
    this.seen.add(call);
    pass(this.passed, call);
  }

  /** Whether any call made after `sequence` has not ended, or has failed without being caught. */
  hasOpen(sequence: number): boolean {
    if (this.open.size === 0) return false;
    for (const key of this.open.keys()) if (key > sequence) return true;
    return false;
  }

  /**
   * Waits for calls.
   *
   * @throws CallFailed for the first call in program order that failed
   */
  *await(calls: readonly PendingCall[]): Evaluation<void> {
    for (const call of calls) {
      if (call.state === 'open') yield call.settled;
      this.pass(call);
      if (call.state === 'failed' && !call.collected) throw yield* this.firstFailure(call);
    }
  }

  /**
   * Waits for every call made after `sequence`.
   *
   * @throws CallFailed for the first call in program order that failed
   */
  *settle(sequence: number): Evaluation<void> {
    if (this.hasOpen(sequence))
      yield* this.await([...this.open.values()].filter((call) => call.sequence > sequence));
  }

  /**
   * Waits for every call, and gives the first in program order that failed: in a
   * sequential run, nothing after it would have happened.
   */
  *earliestFailure(): Evaluation<CallFailed | undefined> {
    for (const call of [...this.open.values()]) {
      if (call.state === 'open') yield call.settled;
      this.pass(call);
      if (call.state === 'failed' && !call.collected) return new CallFailed(call);
    }
    return undefined;
  }

  private *firstFailure(call: PendingCall): Evaluation<CallFailed> {
    if (call.sequence <= this.base) return new CallFailed(call);
    return (yield* this.earliestFailure()) ?? new CallFailed(call);
  }

  /** Lets failures of calls be values from now on. */
  collect(calls: readonly PendingCall[]): void {
    for (const call of calls) {
      call.collected = true;
      if (call.state === 'failed') this.close(call);
    }
  }

  /** Forgets a caught call and all that were made after it, and ends those still at work. */
  discard(from: number): void {
    for (const [sequence, call] of this.open) {
      if (sequence < from) continue;
      this.open.delete(sequence);
      if (call.state === 'open') call.controller.abort();
    }
  }
}

function toValue(output: OperatorOutput): Value {
  return typeof output === 'object' && output !== null ? new ListValue(output.map(toValue)) : output;
}

/** Adds a call that has ended; what it followed need not be named beside it. */
function pass(passed: Map<string, readonly string[]>, call: PendingCall): void {
  for (const [place, follows] of call.ends) {
    for (const earlier of follows) passed.delete(earlier);
    passed.set(place, follows);
  }
}
