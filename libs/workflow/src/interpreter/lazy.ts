import type { SourceRange } from '../ir.js';
import type { Evaluation } from './evaluation.js';
import { text } from './text.js';
import type { DictValue, ExceptionValue } from './values.js';
import { ObjectValue, type Value } from './values.js';

/** An operator call from its start to its end. */
export class PendingCall {
  state: 'open' | 'succeeded' | 'failed' = 'open';
  /** Whether a failure is a value (`gather(…, return_exceptions=True)`) instead of being raised. */
  collected = false;
  /** The result when it succeeded. */
  result: DictValue | undefined;
  /** Each field as it was first: what was read from the result before the program changed it. */
  fields: ReadonlyMap<string, Value> = new Map();
  /** The exception when it failed. */
  failure: ExceptionValue | undefined;
  readonly controller = new AbortController();
  /** Resolved when the call has ended; never rejects. */
  readonly settled: Promise<void>;
  private markSettled!: () => void;

  constructor(
    /** Number of the call in program order, from 1. */
    readonly sequence: number,
    readonly place: string,
    readonly range: SourceRange,
    /** Fields of its result, and which of them surely hold text. */
    readonly resultFields: ReadonlyMap<string, FieldKind>,
  ) {
    this.settled = new Promise((resolve) => {
      this.markSettled = resolve;
    });
  }

  succeed(fields: ReadonlyMap<string, Value>, result: DictValue): void {
    this.state = 'succeeded';
    this.fields = fields;
    this.result = result;
    this.markSettled();
  }

  fail(failure: ExceptionValue): void {
    this.state = 'failed';
    this.failure = failure;
    this.markSettled();
  }
}

/** Whether a result field always holds text. */
export type FieldKind = 'text' | 'other';

/** A value that will be there when some operator calls have ended. */
export abstract class LazyValue extends ObjectValue {
  /** The calls it needs. */
  abstract readonly calls: readonly PendingCall[];
  /** The value, once all of its calls have ended and none has failed (or failures are collected). */
  abstract read(): Value;
}

/** The result of an operator call. */
export class PendingResult extends LazyValue {
  readonly calls: readonly PendingCall[];

  constructor(readonly call: PendingCall) {
    super();
    this.calls = [call];
  }

  override read(): Value {
    return this.call.result ?? this.call.failure ?? null;
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

  constructor(readonly parts: readonly (string | PendingField | PendingText)[]) {
    super();
    this.calls = parts.flatMap((part) => (typeof part === 'string' ? [] : part.calls));
  }

  override read(): Value {
    return this.parts.map((part) => (typeof part === 'string' ? part : text(part.read()))).join('');
  }
}

/** An async call that nothing has awaited yet. It begins when it is first needed, as a coroutine does. */
export class Coroutine extends ObjectValue {
  private outcome: { readonly value: Value } | undefined;

  constructor(private readonly begin: (collected: boolean) => Evaluation<Value>) {
    super();
  }

  /**
   * Begins the call unless it has begun, and gives its value, which may be lazy.
   *
   * @param collected whether a failure is a value instead of being raised
   */
  *run(collected = false): Evaluation<Value> {
    this.outcome ??= { value: yield* this.begin(collected) };
    return this.outcome.value;
  }
}
