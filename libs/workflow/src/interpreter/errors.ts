import type { SourceRange } from '../ir.js';
import { ExceptionValue, type Value } from './values.js';

/** Each exception class and the class it derives from, as in Python. */
const BASES: ReadonlyMap<string, string> = new Map([
  ['Exception', 'BaseException'],
  ['ArithmeticError', 'Exception'],
  ['ZeroDivisionError', 'ArithmeticError'],
  ['OverflowError', 'ArithmeticError'],
  ['AssertionError', 'Exception'],
  ['AttributeError', 'Exception'],
  ['LookupError', 'Exception'],
  ['IndexError', 'LookupError'],
  ['KeyError', 'LookupError'],
  ['NameError', 'Exception'],
  ['UnboundLocalError', 'NameError'],
  ['OSError', 'Exception'],
  ['ConnectionError', 'OSError'],
  ['TimeoutError', 'OSError'],
  ['RuntimeError', 'Exception'],
  ['NotImplementedError', 'RuntimeError'],
  ['RecursionError', 'RuntimeError'],
  ['StopIteration', 'Exception'],
  ['TypeError', 'Exception'],
  ['ValueError', 'Exception'],
  ['UnicodeError', 'ValueError'],
  ['JSONDecodeError', 'ValueError'],
  ['re.error', 'Exception'],
]);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['asyncio.TimeoutError', 'TimeoutError'],
  ['EnvironmentError', 'OSError'],
  ['IOError', 'OSError'],
  ['json.JSONDecodeError', 'JSONDecodeError'],
  ['json.decoder.JSONDecodeError', 'JSONDecodeError'],
  ['re.PatternError', 're.error'],
]);

/** The one name of an exception class that can be written in several ways. */
export function canonicalException(name: string): string {
  return ALIASES.get(name) ?? name;
}

/** Whether the name is that of an exception class that programs may use. */
export function isExceptionClass(name: string): boolean {
  const canonical = canonicalException(name);
  return canonical === 'BaseException' || BASES.has(canonical);
}

/** Whether an exception of class `type` is also one of class `base`. Classes that operators name derive from Exception. */
export function isSubclass(type: string, base: string): boolean {
  const wanted = canonicalException(base);
  for (let name: string | undefined = canonicalException(type); name !== undefined;) {
    if (name === wanted) return true;
    name =
      BASES.get(name) ??
      (name === 'BaseException' ? undefined : name === 'Exception' ? 'BaseException' : 'Exception');
  }
  return false;
}

/** A Python exception on its way to a handler. */
export class Raised extends Error {
  /** Where it was raised; set by the statement that was at work. */
  range: SourceRange | undefined;

  constructor(readonly exception: ExceptionValue) {
    super(exception.type);
  }
}

/** Makes an exception with a message; throw what it returns. */
export function raise(type: string, message: string): Raised {
  return new Raised(new ExceptionValue(type, [message]));
}

/** Makes an exception with any one argument, such as KeyError's key. */
export function raiseWith(type: string, argument: Value): Raised {
  return new Raised(new ExceptionValue(type, [argument]));
}

/** What can be limited. */
export type LimitName =
  | 'steps'
  | 'operator_calls'
  | 'depth'
  | 'string_length'
  | 'collection_length'
  | 'integer_size'
  | 'allocation';

/**
 * Ends the run at once. No handler of the program sees it and no `finally` runs.
 */
export class Stop extends Error {
  constructor(readonly reason: StopReason) {
    super(reason.kind);
  }
}

/**
 * Whether the host's own stack ran out, which deep nesting can make it do before
 * the depth limit. No other RangeError of the host may come of a program.
 */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

/** Why a run was stopped. */
export type StopReason =
  | { readonly kind: 'limit'; readonly limit: LimitName; readonly allowed: number }
  | { readonly kind: 'timeout'; readonly allowedMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'operator'; readonly cause: unknown };

/**
 * Thrown by an operator for a failure that the program may catch.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';

  /**
   * @param type Python class name under which the program sees it
   * @param message one sentence
   */
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}
