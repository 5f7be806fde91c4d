import type { SourceRange } from '../ir.js';
import { dictOf } from './compare.js';
import { OperatorError, Raised, Stop } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { PendingCall, type FieldKind } from './lazy.js';
import type { OperatorOutput } from './operator-port.js';
import { ExceptionValue, ListValue, type Value } from './values.js';

/** A call that failed, on its way to the `try` it was made in. */
export class CallFailed extends Error {
  constructor(readonly call: PendingCall) {
    super('operator call failed');
  }
}

/** What a call does once its arguments are known. */
export type CallWork = (call: PendingCall) => Promise<ReadonlyMap<string, OperatorOutput>>;

/**
 * The operator calls of a run. A call begins as soon as its arguments are known
 * and one of the places that `concurrency` allows is free.
 */
export class CallBook {
  /** Number of the last call that was made. */
  sequence = 0;
  private readonly open = new Map<number, PendingCall>();
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(
    private readonly concurrency: number,
    /** Ends the run, for what no program may catch. */
    private readonly stop: (stop: Stop) => void,
  ) {}

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
    void this.perform(call, needs, work);
    return call;
  }

  private async perform(call: PendingCall, needs: readonly PendingCall[], work: CallWork): Promise<void> {
    for (const need of needs) if (need.state === 'open') await need.settled;
    const failed = needs.find((need) => need.state === 'failed' && !need.collected);
    if (failed?.failure !== undefined) {
      call.fail(failed.failure);
      return;
    }
    await this.enter();
    try {
      if (call.controller.signal.aborted) return;
      const output = await work(call);
      if (call.controller.signal.aborted) return;
      const fields = new Map(Array.from(output, ([name, value]) => [name, toValue(value)] as const));
      call.succeed(fields, dictOf(fields));
      this.open.delete(call.sequence);
    } catch (error) {
      this.failed(call, error);
    } finally {
      this.leave();
    }
  }

  private failed(call: PendingCall, error: unknown): void {
    if (call.controller.signal.aborted) return;
    if (error instanceof OperatorError) call.fail(new ExceptionValue(error.type, [error.message]));
    else if (error instanceof Raised) call.fail(error.exception);
    else this.stop(error instanceof Stop ? error : new Stop({ kind: 'operator', cause: error }));
    if (call.collected) this.open.delete(call.sequence);
  }

  private async enter(): Promise<void> {
    if (this.running < this.concurrency) {
      this.running += 1;
      return;
    }
    await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  private leave(): void {
    const next = this.queue.shift();
    if (next === undefined) this.running -= 1;
    else next();
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
      if (call.state === 'failed' && !call.collected) return new CallFailed(call);
    }
    return undefined;
  }

  private *firstFailure(call: PendingCall): Evaluation<CallFailed> {
    return (yield* this.earliestFailure()) ?? new CallFailed(call);
  }

  /** Lets failures of calls be values from now on. */
  collect(calls: readonly PendingCall[]): void {
    for (const call of calls) {
      call.collected = true;
      if (call.state === 'failed') this.open.delete(call.sequence);
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
