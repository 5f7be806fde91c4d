import type { SourceRange } from '../ir.js';
import type { Evaluation } from './evaluation.js';
import { text } from './text.js';
import type { ExceptionValue } from './values.js';
import { ObjectValue, type Value } from './values.js';

/** Work beside the program from its start to its end: an operator call, or a helper that had to wait. */
export class PendingCall {
  state: 'open' | 'succeeded' | 'failed' = 'open';
  /** Whether a failure is a value (`gather(…, return_exceptions=True)`) instead of being raised. */
  collected = false;
  /** The result when it succeeded, as the program has it: it may have changed it since. */
  result: Value = null;
  /** Each field of an operator's result as it was first. */
  fields: ReadonlyMap<string, Value> = NO_FIELDS;
  /** Operator calls that had to end before whatever follows this one: itself, or the last ones of a helper. */
  ends: Precedence = new Map();
  /** The exception when it failed. */
  failure: ExceptionValue | undefined;
  readonly controller = new AbortController();
  /** Resolved when the call has ended; never rejects. */
  readonly settled: Promise<void>;
  private markSettled!: () => void;
  private first: () => Value = () => null;

  constructor(
    /** Number of the call in program order among those of its book, from 1. */
    public sequence: number,
    readonly place: string,
    public range: SourceRange,
    /** Fields of an operator's result, and which of them surely hold text. */
    readonly resultFields: ReadonlyMap<string, FieldKind> = new Map(),
  ) {
    this.settled = new Promise((resolve) => {
      this.markSettled = resolve;
    });
  }

  /** The result as it was first, whatever the program has done to it since. */
  get given(): Value {
    return this.failure ?? this.first();
  }

  /** @param first gives a copy of the result as it is now */
  succeed(result: Value, first: () => Value, fields = NO_FIELDS): void {
    this.state = 'succeeded';
    this.result = result;
    this.first = first;
    this.fields = fields;
    this.markSettled();
  }

  fail(failure: ExceptionValue): void {
    this.state = 'failed';
    this.failure = failure;
    this.markSettled();
  }
}

const NO_FIELDS: ReadonlyMap<string, Value> = new Map();

/** Places of operator calls that have ended, each with the places that it followed. */
export type Precedence = ReadonlyMap<string, readonly string[]>;

/** Whether a result field always holds text. */
export type FieldKind = 'text' | 'other';

/** A value that will be there when some operator calls have ended. */
export abstract class LazyValue extends ObjectValue {
  /** The calls it needs. */
  abstract readonly calls: readonly PendingCall[];
  /** The value, once all of its calls have ended and none has failed (or failures are collected). */
  abstract read(): Value;
  /** The value as it was when its calls ended, whatever the program has done to it since. */
  readFirst(): Value {
    return this.read();
  }
}

/** The result of an operator call or of a helper. */
export class PendingResult extends LazyValue {
  readonly calls: readonly PendingCall[];

  constructor(readonly call: PendingCall) {
    super();
    this.calls = [call];
  }

  override read(): Value {
    return this.call.failure ?? this.call.result;
  }

  override readFirst(): Value {
    return this.call.given;
  }
}

/** A field of an operator's result, as the operator gave it. */
export class PendingField extends LazyValue {
  readonly calls: readonly PendingCall[];

  constructor(
    readonly call: PendingCall,
    readonly field: string,
  ) {
    super();
    this.calls = [call];
  }

  /** Whether it surely holds text. */
  get isText(): boolean {
    return this.call.resultFields.get(this.field) === 'text';
  }

  override read(): Value {
    return this.call.fields.get(this.field) ?? null;
  }
}

/** Text put together from known text and fields that surely hold text. */
export class PendingText extends LazyValue {
  readonly calls: readonly PendingCall[];
  /** Strings and fields that it is put together from, each as often as it stands there. */
  readonly pieces: number;

  constructor(readonly parts: readonly (string | PendingField | PendingText)[]) {
    super();
    this.calls = [...new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : part.calls)))];
    this.pieces = parts.reduce((sum, part) => sum + (part instanceof PendingText ? part.pieces : 1), 0);
  }

  /** Its length in UTF-16 units, once its calls have ended. */
  get length(): number {
    return this.parts.reduce((sum, part) => {
      if (typeof part === 'string') return sum + part.length;
      return sum + (part instanceof PendingText ? part.length : text(part.read()).length);
    }, 0);
  }

  override read(): Value {
    return this.parts.map((part) => (typeof part === 'string' ? part : text(part.read()))).join('');
  }
}

/** How a coroutine is begun. */
export interface BeginOptions {
  /** Whether a failure is a value instead of being raised. */
  readonly collected: boolean;
  /**
   * Where whoever begins it finds what must have ended before anything else is
   * done; undefined when that can't be waited for.
   */
  readonly joins: PendingCall[] | undefined;
}

/** An async call that nothing has awaited yet. It begins when it is first needed, as a coroutine does. */
export class Coroutine extends ObjectValue {
  private outcome: { readonly value: Value } | undefined;

  constructor(
    private readonly begin: (options: BeginOptions) => Evaluation<Value>,
    /** The function it calls and what it is given. */
    readonly holds: readonly Value[],
  ) {
    super();
  }

  /** Begins the call unless it has begun, and gives its value, which may be lazy. */
  *run(options: BeginOptions = { collected: false, joins: undefined }): Evaluation<Value> {
    this.outcome ??= { value: yield* this.begin(options) };
    return this.outcome.value;
  }
}
