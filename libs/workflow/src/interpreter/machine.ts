import type { Program, FunctionDefinition, SourceRange } from '../ir.js';
import type { CallBook } from './call-book.js';
import { CallFailed } from './call-book.js';
import { Raised } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { Isolation } from './isolation.js';
import { END, type Cursor } from './iteration.js';
import { Coroutine, LazyValue, PendingText } from './lazy.js';
import { LiveResults } from './live-results.js';
import { COSTS, type Meter } from './meter.js';
import type { CallOperator, UsageSummary } from './operator-port.js';
import type { Scope } from './scope.js';
import type { ExceptionValue } from './values.js';
import { DictValue, DictView, ListValue, ObjectValue, TupleValue, type Value } from './values.js';

/** What a machine needs from outside. */
export interface MachinePorts {
  readonly callOperator: CallOperator;
  readonly usage: () => UsageSummary;
  /** Runs an evaluation beside the program until it ends, the run is stopped, or the signal is given. */
  readonly drive: <T>(evaluation: Evaluation<T>, signal: AbortSignal) => Promise<T>;
}

/** What all threads of a run have in common. */
export class SharedRun {
  /** Attributes of the workflow that are no operators. */
  readonly attributes = new Map<string, Value>();
  readonly methods: ReadonlyMap<string, FunctionDefinition>;
  readonly prompts: ReadonlyMap<string, string>;
  /** How often each place was reached. */
  readonly places = new Map<string, number>();
  readonly isolation: Isolation;
  readonly liveResults: LiveResults;

  constructor(
    readonly program: Program,
    readonly ports: MachinePorts,
    readonly seed: number,
    /** Whether each operator call is waited for where it stands. */
    readonly sequential: boolean,
  ) {
    this.methods = new Map(program.methods.map((method) => [method.name, method]));
    this.prompts = new Map(program.prompts.map((prompt) => [prompt.name, prompt.text]));
    this.isolation = new Isolation(this.methods);
    this.liveResults = new LiveResults(program);
  }
}

/** A call of a function of the program, as traces name it. */
export interface Caller {
  /** Name of the function. */
  readonly name: string;
  /** Its place; empty for `__call__`. */
  readonly place: string;
}

/** A mutation that can be taken back. */
interface JournalEntry {
  readonly sequence: number;
  readonly undo: () => void;
}

/**
 * The state of one thread of a run: of the program itself, or of a helper that
 * goes on beside it.
 *
 * Operator calls run beside the program, so a call may turn out to have failed
 * when statements after it are done. Where a `try` can catch that failure, what
 * those statements changed is taken back, so that the handler finds what it would
 * find in a sequential run: assignments of variables and `append` are written to
 * a journal; every other change waits until the calls of the `try` have ended.
 */
export class Machine {
  /** Path of the statement at work: call sites and loop indices. */
  place = '';
  /** Statement or call at work, for error positions. */
  range: SourceRange;
  /** The function at work. */
  caller: Caller = { name: '__call__', place: '' };
  /** What the innermost handlers at work have caught. */
  readonly handling: ExceptionValue[] = [];
  private readonly frames: number[] = [];
  private journal: JournalEntry[] = [];

  constructor(
    /** What all threads of the run have in common. */
    readonly run: SharedRun,
    readonly meter: Meter,
    readonly calls: CallBook,
  ) {
    this.range = run.program.range;
  }

  /** A thread that goes on from here with calls of its own. */
  fork(): Machine {
    const thread = new Machine(this.run, this.meter.fork(), this.calls.fork());
    thread.place = this.place;
    thread.range = this.range;
    thread.caller = this.caller;
    thread.handling.push(...this.handling);
    return thread;
  }

  /** The name of a place, made unique should a program reach it twice. */
  claimPlace(site: number | string): string {
    const place = this.place + String(site);
    const { places } = this.run;
    const times = (places.get(place) ?? 0) + 1;
    places.set(place, times);
    return times === 1 ? place : `${place}#${times}`;
  }

  /**
   * Gives the value itself, waiting for the calls it needs. What is done with a text
   * takes as long as it is, so looking at it is charged here.
   */
  *force(value: Value): Evaluation<Value> {
    let current = value;
    while (current instanceof Coroutine) current = yield* current.run();
    if (current instanceof LazyValue) {
      yield* this.calls.await(current.calls);
      if (current instanceof PendingText) this.meter.string(current.length);
      current = current.read();
    }
    if (typeof current === 'string') this.meter.scan(current.length);
    return current;
  }

  /** Forces a value and everything in it. Lists and dicts keep their identity. */
  *forceDeep(value: Value): Evaluation<Value> {
    const result = yield* this.force(value);
    if (!this.holdsLazy(result)) return result;
    return yield* this.forceItems(result, new Set());
  }

  /** Whether a collection holds anything that is not a plain value already; looking for it is charged. */
  private holdsLazy(value: Value): boolean {
    if (value instanceof ListValue || value instanceof TupleValue) {
      let units = 0;
      for (const item of value.items) {
        if (item instanceof ObjectValue) return true;
        units += typeof item === 'string' ? item.length : COSTS.plainItem;
      }
      this.meter.scan(units);
    } else if (value instanceof DictValue || value instanceof DictView) {
      const dict = value instanceof DictView ? value.dict : value;
      for (const entry of dict.entries.values()) if (entry.value instanceof ObjectValue) return true;
      this.meter.scan(COSTS.plainItem * dict.entries.size);
    }
    return false;
  }

  private *forceItems(value: Value, seen: Set<ObjectValue>): Evaluation<Value> {
    const current = yield* this.force(value);
    if (!(current instanceof ObjectValue) || seen.has(current)) return current;
    seen.add(current);
    this.meter.enter();
    if (current instanceof ListValue) {
      for (let i = 0; i < current.items.length; i += 1) {
        const item = current.items[i] as Value;
        if (item instanceof ObjectValue) current.items[i] = yield* this.forceItems(item, seen);
      }
    } else if (current instanceof TupleValue) {
      const items = current.items as Value[];
      for (let i = 0; i < items.length; i += 1) items[i] = yield* this.forceItems(items[i] as Value, seen);
    } else if (current instanceof DictValue || current instanceof DictView) {
      const dict = current instanceof DictView ? current.dict : current;
      for (const entry of dict.entries.values()) entry.value = yield* this.forceItems(entry.value, seen);
    }
    this.meter.depth -= 1;
    return current;
  }

  /** Takes the next item of a cursor. */
  *next(cursor: Cursor): Evaluation<Value | typeof END> {
    return cursor.next === undefined ? yield* cursor.advance() : cursor.next();
  }

  /** Takes all items that are left. */
  *drain(cursor: Cursor): Evaluation<Value[]> {
    const items: Value[] = [];
    for (;;) {
      const item = yield* this.next(cursor);
      if (item === END) break;
      items.push(item);
      this.meter.collection(items.length, 1);
      this.meter.scan(COSTS.takenItem);
    }
    return items;
  }

  /** Lets others have the processor when it is time. */
  *breathe(): Evaluation<void> {
    if (this.meter.breathDue()) yield null;
  }

  /** Sets a variable. */
  setVariable(scope: Scope, name: string, value: Value): void {
    if (this.isJournalled()) {
      const old = scope.values.get(name);
      this.record(() => {
        if (old === undefined) scope.values.delete(name);
        else scope.values.set(name, old);
      });
    }
    scope.values.set(name, value);
  }

  /** Appends to a list. */
  append(list: ListValue, value: Value): void {
    if (this.isJournalled()) {
      const { length } = list.items;
      this.record(() => {
        list.items.length = length;
      });
    }
    this.meter.collection(list.items.length + 1, 1);
    list.items.push(value);
  }

  /** Waits until a change that can't be taken back may be made. */
  *beforeChange(): Evaluation<void> {
    if (this.isJournalled()) yield* this.calls.settle(this.frames[0] as number);
  }

  private isJournalled(): boolean {
    const outermost = this.frames[0];
    if (outermost !== undefined && this.calls.hasOpen(outermost)) return true;
    if (this.journal.length > 0) this.journal = [];
    return false;
  }

  private record(undo: () => void): void {
    this.journal.push({ sequence: this.calls.sequence, undo });
  }

  /**
   * Runs statements whose failures are to be caught here, and waits for the
   * calls made in them.
   *
   * @returns what they return, or the exception to handle
   * @throws what does not belong to this `try`
   */
  *guard<T>(body: () => Evaluation<T>): Evaluation<{ readonly value: T } | Raised> {
    const start = this.calls.sequence;
    const { place, caller } = this;
    const { depth } = this.meter;
    const handling = this.handling.length;
    this.frames.push(start);
    let caught: CallFailed | Raised;
    try {
      try {
        const value = yield* body();
        yield* this.calls.settle(start);
        return { value };
      } catch (error) {
        if (error instanceof CallFailed) caught = error;
        else if (error instanceof Raised) caught = (yield* this.calls.earliestFailure()) ?? error;
        else throw error;
      }
      if (caught instanceof CallFailed) {
        if (caught.call.sequence <= start) throw caught;
        caught = this.takeBack(caught);
      }
    } finally {
      this.frames.pop();
    }
    this.place = place;
    this.caller = caller;
    this.meter.depth = depth;
    this.handling.length = handling;
    return caught;
  }

  /** Undoes what was done after a failed call was made. */
  private takeBack({ call }: CallFailed): Raised {
    for (let last = this.journal.at(-1); last !== undefined; last = this.journal.at(-1)) {
      if (last.sequence < call.sequence) break;
      last.undo();
      this.journal.pop();
    }
    this.calls.discard(call.sequence);
    const raised = new Raised(call.failure as ExceptionValue);
    raised.range = call.range;
    return raised;
  }
}
