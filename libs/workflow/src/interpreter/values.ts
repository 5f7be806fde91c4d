import type { FunctionDefinition, Lambda } from '../ir.js';
import type { Cursor } from './iteration.js';
import type { Scope } from './scope.js';

/**
 * A value of the workflow language. Python's integers are bigints, its floats
 * are numbers, and None is null; everything else is an instance of a class of
 * this file. No value is a plain host object, so no name that a program writes
 * can reach the host's prototypes.
 */
export type Value = null | boolean | bigint | number | string | ObjectValue;

/** A value with identity. */
export abstract class ObjectValue {}

/** A list. */
export class ListValue extends ObjectValue {
  constructor(public items: Value[]) {
    super();
  }
}

/** A tuple. */
export class TupleValue extends ObjectValue {
  constructor(readonly items: readonly Value[]) {
    super();
  }
}

/** One entry of a dict. */
export interface Entry {
  readonly key: Value;
  value: Value;
}

/** A dict in insertion order; keyed by `hashKey` so that 1, 1.0 and True are one key. */
export class DictValue extends ObjectValue {
  /** Whether it is a collections.Counter, where missing keys count 0. */
  readonly isCounter: boolean;
  readonly entries = new Map<string, Entry>();

  constructor(isCounter = false) {
    super();
    this.isCounter = isCounter;
  }
}

/** A set or frozenset in insertion order, keyed like a dict. */
export class SetValue extends ObjectValue {
  readonly items = new Map<string, Value>();

  constructor(readonly isFrozen = false) {
    super();
  }
}

/** A live view on a dict: `keys()`, `values()` or `items()`. */
export class DictView extends ObjectValue {
  constructor(
    readonly dict: DictValue,
    readonly form: 'keys' | 'values' | 'items',
  ) {
    super();
  }
}

/** `range(start, stop, step)`. */
export class RangeValue extends ObjectValue {
  constructor(
    readonly start: bigint,
    readonly stop: bigint,
    readonly step: bigint,
  ) {
    super();
  }

  /** Number of its items. */
  get length(): bigint {
    const span = this.step > 0n ? this.stop - this.start : this.start - this.stop;
    const stride = this.step > 0n ? this.step : -this.step;
    return span <= 0n ? 0n : (span + stride - 1n) / stride;
  }
}

/** A local function, helper method or lambda with the scope it was made in. */
export class FunctionValue extends ObjectValue {
  constructor(
    readonly name: string,
    readonly definition: FunctionDefinition | Lambda,
    readonly scope: Scope,
    /** Default values by parameter name, evaluated where the function was defined. */
    readonly defaults: ReadonlyMap<string, Value>,
  ) {
    super();
  }
}

/** A function, type, exception class or module member that the language provides. */
export class BuiltinValue extends ObjectValue {
  constructor(readonly name: string) {
    super();
  }
}

/** A method taken from a value without calling it, such as `counts.get`. */
export class BoundMethod extends ObjectValue {
  constructor(
    readonly object: Value,
    readonly name: string,
  ) {
    super();
  }
}

/** An exception. */
export class ExceptionValue extends ObjectValue {
  constructor(
    readonly type: string,
    readonly args: readonly Value[],
  ) {
    super();
  }
}

/** An iterator: a generator expression, `map`, `zip`, `iter(x)`, … */
export class IteratorValue extends ObjectValue {
  constructor(
    readonly name: string,
    readonly cursor: Cursor,
  ) {
    super();
  }
}

/** A compiled regular expression. */
export class PatternValue extends ObjectValue {
  constructor(
    readonly source: string,
    readonly flags: number,
  ) {
    super();
  }
}

/** A match of a regular expression; offsets are in UTF-16 units, -1 for groups that took no part. */
export class MatchValue extends ObjectValue {
  constructor(
    readonly pattern: PatternValue,
    readonly text: string,
    readonly groups: readonly { readonly start: number; readonly end: number }[],
    readonly names: ReadonlyMap<string, number>,
  ) {
    super();
  }
}

const TYPE_NAMES: readonly (readonly [abstract new (...args: never[]) => ObjectValue, string])[] = [
  [ListValue, 'list'],
  [TupleValue, 'tuple'],
  [RangeValue, 'range'],
  [FunctionValue, 'function'],
  [BoundMethod, 'builtin_function_or_method'],
  [PatternValue, 're.Pattern'],
  [MatchValue, 're.Match'],
];

/** The name of a value's type as Python writes it in error messages. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'string':
      return 'str';
    default:
      return objectTypeName(value);
  }
}

function objectTypeName(value: ObjectValue): string {
  if (value instanceof DictValue) return value.isCounter ? 'Counter' : 'dict';
  if (value instanceof SetValue) return value.isFrozen ? 'frozenset' : 'set';
  if (value instanceof DictView) return `dict_${value.form}`;
  if (value instanceof ExceptionValue) return value.type.slice(value.type.lastIndexOf('.') + 1);
  if (value instanceof IteratorValue) return value.name;
  if (value instanceof BuiltinValue) return 'type';
  return TYPE_NAMES.find(([type]) => value instanceof type)?.[1] ?? 'coroutine';
}

/** A copy of a value with nothing lazy in it, in which lists, dicts and sets are new. */
export function copyOf(value: Value, copies = new Map<ObjectValue, Value>()): Value {
  if (!(value instanceof ObjectValue)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (value instanceof TupleValue) {
    const tuple = new TupleValue(value.items.map((item) => copyOf(item, copies)));
    copies.set(value, tuple);
    return tuple;
  }
  if (value instanceof ListValue) {
    const list = new ListValue([]);
    copies.set(value, list);
    list.items = value.items.map((item) => copyOf(item, copies));
    return list;
  }
  if (value instanceof DictValue) {
    const dict = new DictValue(value.isCounter);
    copies.set(value, dict);
    for (const [hash, entry] of value.entries) {
      dict.entries.set(hash, { key: entry.key, value: copyOf(entry.value, copies) });
    }
    return dict;
  }
  if (value instanceof SetValue) {
    const set = new SetValue(value.isFrozen);
    for (const [hash, item] of value.items) set.items.set(hash, item);
    return set;
  }
  return value;
}
