import { bitLength } from './arithmetic.js';
import { asNumber, getEntry, hashKey, setEntry } from './compare.js';
import { codePointAt, codePointLength, codePoints, slicePoints } from './code-points.js';
import { raise, raiseWith } from './errors.js';
import { COSTS, type Meter } from './meter.js';
import { matchGroup } from './regex.js';
import {
  BuiltinValue,
  DictValue,
  ListValue,
  MatchValue,
  RangeValue,
  TupleValue,
  typeName,
  type Value,
} from './values.js';

/** Bounds of a slice; null where left out. */
export interface SliceBounds {
  readonly lower: Value;
  readonly upper: Value;
  readonly step: Value;
}

/** An index within a list or string, counted from the end when negative. */
function position(index: Value, length: number, kind: string): number {
  return Number(positionWithin(index, BigInt(length), kind));
}

function positionWithin(index: Value, length: bigint, kind: string): bigint {
  const number = asNumber(index);
  if (typeof number !== 'bigint') {
    throw raise('TypeError', `${kind} indices must be integers or slices, not ${typeName(index)}`);
  }
  const at = number < 0n ? number + length : number;
  if (at < 0n || at >= length) throw raise('IndexError', `${kind} index out of range`);
  return at;
}

/**
 * Reads `object[index]`; neither is lazy.
 *
 * @throws Raised IndexError, KeyError or TypeError as Python does
 */
export function getItem(meter: Meter, object: Value, index: Value): Value {
  if (object instanceof DictValue) {
    const value = getEntry(object, index);
    if (value !== undefined) return value;
    if (object.isCounter) return 0n;
    throw raiseWith('KeyError', index);
  }
  if (object instanceof ListValue) return object.items[position(index, object.items.length, 'list')] as Value;
  if (object instanceof TupleValue)
    return object.items[position(index, object.items.length, 'tuple')] as Value;
  if (typeof object === 'string') {
    const length = codePointLength(object);
    // Code points of two units have to be counted up to the index.
    if (length !== object.length) meter.scan(COSTS.pairedUnit * object.length);
    return codePointAt(object, position(index, length, 'string'));
  }
  if (object instanceof RangeValue) {
    return object.start + object.step * positionWithin(index, object.length, 'range object');
  }
  if (object instanceof MatchValue) return matchGroup(object, index);
  if (object instanceof BuiltinValue) return object;
  throw raise('TypeError', `'${typeName(object)}' object is not subscriptable`);
}

/**
 * Sets `object[index]`; neither is lazy.
 *
 * @throws Raised IndexError or TypeError as Python does
 */
export function setItem(meter: Meter, object: Value, index: Value, value: Value): void {
  if (object instanceof DictValue) {
    meter.collection(object.entries.size + 1, 1);
    setEntry(object, index, value);
  } else if (object instanceof ListValue) {
    object.items[position(index, object.items.length, 'list assignment')] = value;
  } else {
    throw raise('TypeError', `'${typeName(object)}' object does not support item assignment`);
  }
}

/**
 * Removes `object[index]` and gives what was there.
 *
 * @throws Raised KeyError or IndexError as Python does
 */
export function popItem(object: DictValue | ListValue, index: Value): Value {
  if (object instanceof DictValue) {
    const hash = hashKey(index);
    const entry = object.entries.get(hash);
    if (entry === undefined) throw raiseWith('KeyError', index);
    object.entries.delete(hash);
    return entry.value;
  }
  if (object.items.length === 0) throw raise('IndexError', 'pop from empty list');
  return object.items.splice(position(index, object.items.length, 'pop'), 1)[0] as Value;
}

function bound(value: Value, length: number, backward: boolean, otherwise: number): number {
  return Number(boundWithin(value, BigInt(length), backward, BigInt(otherwise)));
}

function boundWithin(value: Value, length: bigint, backward: boolean, otherwise: bigint): bigint {
  if (value === null) return otherwise;
  const number = asNumber(value);
  if (typeof number !== 'bigint') {
    throw raise('TypeError', 'slice indices must be integers or None or have an __index__ method');
  }
  const least = backward ? -1n : 0n;
  const greatest = backward ? length - 1n : length;
  const at = number < 0n ? number + length : number;
  return at < least ? least : at > greatest ? greatest : at;
}

function strideOf({ step }: SliceBounds): bigint {
  const stride = step === null ? 1n : asNumber(step);
  if (typeof stride !== 'bigint') {
    throw raise('TypeError', 'slice indices must be integers or None or have an __index__ method');
  }
  if (stride === 0n) throw raise('ValueError', 'slice step cannot be zero');
  return stride;
}

/** Indices that a slice of a sequence of that length takes, in order. */
function* sliceIndices(bounds: SliceBounds, length: number): Generator<number> {
  const step = strideOf(bounds);
  const backward = step < 0n;
  const lower = bound(bounds.lower, length, backward, backward ? length - 1 : 0);
  const upper = bound(bounds.upper, length, backward, backward ? -1 : length);
  const stride = Number(step);
  for (let i = lower; backward ? i > upper : i < upper; i += stride) yield i;
}

/**
 * Reads `object[lower:upper:step]`; nothing is lazy but items.
 *
 * @throws Raised TypeError or ValueError as Python does
 */
export function getSlice(meter: Meter, object: Value, bounds: SliceBounds): Value {
  if (typeof object === 'string') {
    const result = sliceText(object, bounds);
    meter.string(result.length);
    return result;
  }
  if (object instanceof RangeValue) return sliceRange(meter, object, bounds);
  if (!(object instanceof ListValue) && !(object instanceof TupleValue)) {
    throw raise('TypeError', `'${typeName(object)}' object is not subscriptable`);
  }
  const items = Array.from(sliceIndices(bounds, object.items.length), (i) => object.items[i] as Value);
  meter.collection(items.length);
  return object instanceof ListValue ? new ListValue(items) : new TupleValue(items);
}

function sliceText(text: string, bounds: SliceBounds): string {
  if (strideOf(bounds) === 1n) {
    const length = codePointLength(text);
    const lower = bound(bounds.lower, length, false, 0);
    const upper = bound(bounds.upper, length, false, length);
    return slicePoints(text, lower, Math.max(lower, upper));
  }
  const points = codePoints(text);
  return Array.from(sliceIndices(bounds, points.length), (i) => points[i]).join('');
}

function sliceRange(meter: Meter, range: RangeValue, bounds: SliceBounds): Value {
  const { length } = range;
  const step = strideOf(bounds);
  const backward = step < 0n;
  const lower = boundWithin(bounds.lower, length, backward, backward ? length - 1n : 0n);
  const upper = boundWithin(bounds.upper, length, backward, backward ? -1n : length);
  meter.integer(bitLength(range.step) + bitLength(step));
  return new RangeValue(
    range.start + range.step * lower,
    range.start + range.step * upper,
    range.step * step,
  );
}

/**
 * Sets `object[lower:upper]` to items.
 *
 * @throws Raised TypeError or ValueError as Python does
 */
export function setSlice(meter: Meter, object: Value, bounds: SliceBounds, items: readonly Value[]): void {
  if (!(object instanceof ListValue)) {
    throw raise('TypeError', `'${typeName(object)}' object does not support slice assignment`);
  }
  const { length } = object.items;
  const indices = [...sliceIndices(bounds, length)];
  meter.collection(length + items.length, items.length);
  if (bounds.step === null || bounds.step === 1n) {
    const at = indices[0] ?? bound(bounds.lower, length, false, 0);
    object.items = [...object.items.slice(0, at), ...items, ...object.items.slice(at + indices.length)];
    return;
  }
  if (indices.length !== items.length) {
    throw raise(
      'ValueError',
      `attempt to assign sequence of size ${items.length} to extended slice of size ${indices.length}`,
    );
  }
  indices.forEach((index, i) => {
    object.items[index] = items[i] as Value;
  });
}
