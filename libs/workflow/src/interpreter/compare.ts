import { raise } from './errors.js';
import {
  DictValue,
  DictView,
  ListValue,
  ObjectValue,
  RangeValue,
  SetValue,
  TupleValue,
  typeName,
  type Value,
} from './values.js';
import { Walk } from './walk.js';

/** A number's value for comparison; booleans are numbers in Python. */
export function asNumber(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return undefined;
}

/** Python's `==` on values that hold nothing lazy. */
export function equals(left: Value, right: Value, walk = new Walk()): boolean {
  const a = asNumber(left);
  if (a !== undefined) {
    const b = asNumber(right);
    // Only `==` compares a bigint with a number, and exactly so.
    // eslint-disable-next-line eqeqeq
    return b !== undefined && a == b;
  }
  if (left === right) return true;
  if (!(left instanceof ObjectValue) || !(right instanceof ObjectValue)) return false;
  if (left instanceof ListValue && right instanceof ListValue)
    return sameItems(left.items, right.items, walk);
  if (left instanceof TupleValue && right instanceof TupleValue)
    return sameItems(left.items, right.items, walk);
  if (left instanceof DictValue && right instanceof DictValue) return sameEntries(left, right, walk);
  if (left instanceof RangeValue && right instanceof RangeValue) return sameRange(left, right);
  const leftKeys = setKeys(left);
  const rightKeys = setKeys(right);
  if (leftKeys === undefined || rightKeys === undefined || leftKeys.size !== rightKeys.size) return false;
  return walk.into(leftKeys.size, () => [...leftKeys.keys()].every((key) => rightKeys.has(key)));
}

function sameItems(left: readonly Value[], right: readonly Value[], walk: Walk): boolean {
  if (left.length !== right.length) return false;
  return walk.into(left.length, () => left.every((item, i) => equals(item, right[i] as Value, walk)));
}

function sameEntries(left: DictValue, right: DictValue, walk: Walk): boolean {
  if (left.entries.size !== right.entries.size) return false;
  return walk.into(left.entries.size, () =>
    [...left.entries].every(([hash, entry]) => {
      const other = right.entries.get(hash);
      return other !== undefined && equals(entry.value, other.value, walk);
    }),
  );
}

function sameRange(left: RangeValue, right: RangeValue): boolean {
  const length = left.length;
  if (length !== right.length) return false;
  if (length === 0n) return true;
  return left.start === right.start && (length === 1n || left.step === right.step);
}

/** The keys of a set or of a view that behaves like one. */
export function setKeys(value: Value): ReadonlyMap<string, unknown> | undefined {
  if (value instanceof SetValue) return value.items;
  if (value instanceof DictView && value.form === 'keys') return value.dict.entries;
  return undefined;
}

/** Operators that order values. */
export type OrderOperator = '<' | '<=' | '>' | '>=';

/**
 * Python's ordering of values that hold nothing lazy.
 *
 * @throws Raised TypeError for values without an order
 */
export function order(operator: OrderOperator, left: Value, right: Value, walk = new Walk()): boolean {
  const a = asNumber(left);
  const b = asNumber(right);
  if (a !== undefined && b !== undefined) return holds(operator, a, b);
  if (typeof left === 'string' && typeof right === 'string')
    return holds(operator, comparePoints(left, right), 0);
  const bothLists = left instanceof ListValue && right instanceof ListValue;
  const bothTuples = left instanceof TupleValue && right instanceof TupleValue;
  if (bothLists || bothTuples) return orderItems(operator, left.items, right.items, walk);
  if (left instanceof SetValue && right instanceof SetValue) return orderSets(operator, left, right);
  throw raise(
    'TypeError',
    `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
  );
}

function holds(operator: OrderOperator, a: bigint | number, b: bigint | number): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** Units that are compared at once. */
const CHUNK = 4096;

/** Compares by code points; UTF-16 order differs from it above U+FFFF. */
function comparePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let start = 0;
  while (start < length && left.slice(start, start + CHUNK) === right.slice(start, start + CHUNK))
    start += CHUNK;
  for (let i = start; i < length; i += 1) {
    if (left.charCodeAt(i) !== right.charCodeAt(i)) {
      return (left.codePointAt(i) as number) - (right.codePointAt(i) as number);
    }
  }
  return left.length - right.length;
}

function orderItems(
  operator: OrderOperator,
  left: readonly Value[],
  right: readonly Value[],
  walk: Walk,
): boolean {
  const length = Math.min(left.length, right.length);
  return walk.into(length, () => {
    const at = left.findIndex((item, i) => i >= length || !equals(item, right[i] as Value, walk));
    if (at < 0 || at >= length) return holds(operator, left.length, right.length);
    return order(operator, left[at] as Value, right[at] as Value, walk);
  });
}

function orderSets(operator: OrderOperator, left: SetValue, right: SetValue): boolean {
  if (operator === '>' || operator === '>=') return orderSets(operator === '>' ? '<' : '<=', right, left);
  let isSubset = left.items.size <= right.items.size;
  for (const key of isSubset ? left.items.keys() : []) isSubset &&= right.items.has(key);
  return isSubset && (operator === '<=' || left.items.size < right.items.size);
}

const identities = new WeakMap<ObjectValue, number>();
let nextIdentity = 1;

function identity(value: ObjectValue): number {
  let id = identities.get(value);
  if (id === undefined) {
    id = nextIdentity++;
    identities.set(value, id);
  }
  return id;
}

/**
 * A string that is equal for two values exactly when Python finds them to be the
 * same dict key.
 *
 * @throws Raised TypeError for values that can't be keys
 */
export function hashKey(value: Value, walk = new Walk()): string {
  if (typeof value === 'string') return `s${value}`;
  const number = asNumber(value);
  if (number !== undefined) {
    return typeof number === 'number' && Number.isInteger(number) ? `n${BigInt(number)}` : `n${number}`;
  }
  if (value === null) return 'N';
  if (value instanceof TupleValue) {
    return walk.into(
      value.items.length,
      () => `t${joined(value.items, (item) => hashKey(item, walk), walk)}`,
    );
  }
  if (value instanceof SetValue && value.isFrozen) {
    return `f${joined([...value.items.keys()].sort(), (key) => key, walk)}`;
  }
  if (value instanceof ListValue || value instanceof DictValue || value instanceof SetValue) {
    throw raise('TypeError', `unhashable type: '${typeName(value)}'`);
  }
  if (value instanceof RangeValue) return `r${value.start},${value.stop},${value.step}`;
  return `o${identity(value as ObjectValue)}`;
}

/** Keys one after the other, each with its length, so that no two sequences give the same text. */
function joined<T>(items: readonly T[], keyOf: (item: T) => string, walk: Walk): string {
  const parts = items.map((item) => {
    const key = keyOf(item);
    walk.text(key.length);
    return `${key.length}:${key}`;
  });
  return parts.join('');
}

/** Whether a value counts as true. */
export function truthy(value: Value): boolean {
  if (value === null) return false;
  if (typeof value !== 'object') return typeof value === 'number' ? value !== 0 : Boolean(value);
  if (value instanceof ListValue || value instanceof TupleValue) return value.items.length > 0;
  if (value instanceof DictValue) return value.entries.size > 0;
  if (value instanceof SetValue) return value.items.size > 0;
  if (value instanceof RangeValue) return value.length > 0n;
  if (value instanceof DictView) return value.dict.entries.size > 0;
  return true;
}

/** Python's `is`: identity for objects, value for what has none. */
export function isSame(left: Value, right: Value): boolean {
  return left === right;
}

/** Sets an entry of a dict, keeping the key that is there. */
export function setEntry(dict: DictValue, key: Value, value: Value): void {
  const hash = hashKey(key);
  const entry = dict.entries.get(hash);
  if (entry === undefined) dict.entries.set(hash, { key, value });
  else entry.value = value;
}

/** Reads an entry of a dict by its key. */
export function getEntry(dict: DictValue, key: Value): Value | undefined {
  return dict.entries.get(hashKey(key))?.value;
}

/** Makes a dict of string keys. */
export function dictOf(entries: Iterable<readonly [string, Value]>): DictValue {
  const dict = new DictValue();
  for (const [key, value] of entries) setEntry(dict, key, value);
  return dict;
}
