import type { BinaryOperator, UnaryOperator } from '../ir.js';
import { asNumber, order, setKeys, truthy } from './compare.js';
import { raise } from './errors.js';
import type { Meter } from './meter.js';
import { percentFormat } from './percent-format.js';
import { DictValue, ListValue, SetValue, TupleValue, typeName, type Value } from './values.js';

/** Number of bits of an integer's magnitude, give or take three. */
export function bitLength(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  return magnitude < 2n ** 53n
    ? Math.ceil(Math.log2(Number(magnitude) + 1))
    : magnitude.toString(16).length * 4;
}

/** An integer as a float. */
export function toFloat(value: bigint | number): number {
  if (typeof value === 'number') return value;
  const result = Number(value);
  if (!Number.isFinite(result)) throw raise('OverflowError', 'int too large to convert to float');
  return result;
}

/** A number without its fraction. */
export function truncated(value: bigint | number): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isNaN(value)) throw raise('ValueError', 'cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw raise('OverflowError', 'cannot convert float infinity to integer');
  return BigInt(Math.trunc(value));
}

/**
 * Applies a binary operator to values that hold nothing lazy, except inside
 * lists and tuples, which `+` and `*` only move.
 *
 * @throws Raised as Python does
 * @throws Stop when the result would be too large
 */
export function binary(meter: Meter, operator: BinaryOperator, left: Value, right: Value): Value {
  const a = asNumber(left);
  const b = asNumber(right);
  if (a !== undefined && b !== undefined) {
    if (typeof left === 'boolean' && typeof right === 'boolean' && '&|^'.includes(operator)) {
      return truthy(integers(meter, operator, a as bigint, b as bigint));
    }
    if (typeof a === 'bigint' && typeof b === 'bigint') return integers(meter, operator, a, b);
    return floats(operator, toFloat(a), toFloat(b)) ?? unsupported(operator, left, right);
  }
  return (
    sequences(meter, operator, left, right) ??
    collections(meter, operator, left, right) ??
    unsupported(operator, left, right)
  );
}

function unsupported(operator: BinaryOperator, left: Value, right: Value): never {
  if (operator === '+' && typeof left === 'string') {
    throw raise('TypeError', `can only concatenate str (not "${typeName(right)}") to str`);
  }
  if (operator === '+' && left instanceof ListValue) {
    throw raise('TypeError', `can only concatenate list (not "${typeName(right)}") to list`);
  }
  const shown = operator === '**' ? '** or pow()' : operator;
  throw raise(
    'TypeError',
    `unsupported operand type(s) for ${shown}: '${typeName(left)}' and '${typeName(right)}'`,
  );
}

function integers(meter: Meter, operator: BinaryOperator, a: bigint, b: bigint): Value {
  switch (operator) {
    case '+':
      meter.integer(Math.max(bitLength(a), bitLength(b)));
      return a + b;
    case '-':
      meter.integer(Math.max(bitLength(a), bitLength(b)));
      return a - b;
    case '*':
      meter.integer(bitLength(a) + bitLength(b));
      meter.multiply(bitLength(a), bitLength(b));
      return a * b;
    case '/':
      meter.multiply(bitLength(a), bitLength(b));
      return trueDivide(a, b);
    case '//':
      meter.multiply(bitLength(a), bitLength(b));
      return floorDivide(a, b);
    case '%':
      meter.multiply(bitLength(a), bitLength(b));
      if (b === 0n) throw raise('ZeroDivisionError', 'integer modulo by zero');
      return a - floorDivide(a, b) * b;
    case '**':
      return power(meter, a, b);
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
    case '>>':
      return shift(meter, operator, a, b);
  }
}

function trueDivide(a: bigint, b: bigint): number {
  if (b === 0n) throw raise('ZeroDivisionError', 'division by zero');
  const x = Number(a);
  const y = Number(b);
  if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x / y;
  // Enough extra bits make the quotient's own rounding the only one that counts.
  const extra = BigInt(Math.max(0, 64 + bitLength(b) - bitLength(a)));
  const scaled = Number((a << extra) / b) / 2 ** Number(extra);
  if (!Number.isFinite(scaled)) throw raise('OverflowError', 'integer division result too large for a float');
  return scaled;
}

/** Division rounded down. */
export function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw raise('ZeroDivisionError', 'integer division or modulo by zero');
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function power(meter: Meter, base: bigint, exponent: bigint): Value {
  if (exponent < 0n) return floatPower(toFloat(base), toFloat(exponent));
  if (base !== 0n && base !== 1n && base !== -1n) {
    const bits = exponent > 1_000_000n ? Infinity : bitLength(base) * Number(exponent);
    meter.integer(bits);
    meter.multiply(bits, bits);
  } else if (exponent > 1n) {
    return base === -1n && exponent % 2n === 0n ? 1n : base;
  }
  return base ** exponent;
}

function shift(meter: Meter, operator: '<<' | '>>', a: bigint, b: bigint): bigint {
  if (b < 0n) throw raise('ValueError', 'negative shift count');
  if (operator === '>>') return b > 1_000_000n ? (a < 0n ? -1n : 0n) : a >> b;
  if (a === 0n) return 0n;
  meter.integer(b > 1_000_000n ? Infinity : bitLength(a) + Number(b));
  return a << b;
}

function floats(operator: BinaryOperator, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw raise('ZeroDivisionError', 'float division by zero');
      return a / b;
    case '//':
      if (b === 0) throw raise('ZeroDivisionError', 'float floor division by zero');
      return floatFloor(a, b);
    case '%':
      if (b === 0) throw raise('ZeroDivisionError', 'float modulo');
      return floatModulo(a, b);
    case '**':
      return floatPower(a, b);
    default:
      return undefined;
  }
}

/** Floor division of floats as CPython rounds it; a zero keeps the sign of the quotient. */
function floatFloor(a: number, b: number): number {
  const quotient = (a - floatModulo(a, b)) / b;
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function floatModulo(a: number, b: number): number {
  const remainder = a % b;
  if (remainder === 0) return b < 0 ? -0 : 0;
  return remainder < 0 !== b < 0 ? remainder + b : remainder;
}

function floatPower(a: number, b: number): number {
  if (a === 0 && b < 0) throw raise('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  if (a === 1) return 1;
  if (a < 0 && Number.isFinite(a) && !Number.isInteger(b) && Number.isFinite(b)) {
    throw raise('ValueError', 'a negative number cannot be raised to a fractional power here');
  }
  const result = a ** b;
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)) {
    throw raise('OverflowError', 'Numerical result out of range');
  }
  return result;
}

function sequences(meter: Meter, operator: BinaryOperator, left: Value, right: Value): Value | undefined {
  if (operator === '%' && typeof left === 'string') return percentFormat(meter, left, right);
  if (operator === '*') {
    const count = asNumber(right);
    if (typeof count === 'bigint') return repeat(meter, left, count);
    const before = asNumber(left);
    return typeof before === 'bigint' ? repeat(meter, right, before) : undefined;
  }
  if (operator !== '+') return undefined;
  if (typeof left === 'string' && typeof right === 'string') {
    meter.string(left.length + right.length);
    return left + right;
  }
  if (left instanceof ListValue && right instanceof ListValue) {
    meter.collection(left.items.length + right.items.length);
    return new ListValue([...left.items, ...right.items]);
  }
  if (left instanceof TupleValue && right instanceof TupleValue) {
    meter.collection(left.items.length + right.items.length);
    return new TupleValue([...left.items, ...right.items]);
  }
  return undefined;
}

function repeat(meter: Meter, value: Value, count: bigint): Value | undefined {
  const times = count < 0n ? 0 : Number(count);
  if (typeof value === 'string') {
    meter.string(value.length * times);
    return value.repeat(value === '' ? 0 : times);
  }
  if (!(value instanceof ListValue) && !(value instanceof TupleValue)) return undefined;
  meter.collection(value.items.length * times);
  const items: Value[] = [];
  if (value.items.length > 0) {
    for (let i = 0; i < times; i += 1) for (const item of value.items) items.push(item);
  }
  return value instanceof ListValue ? new ListValue(items) : new TupleValue(items);
}

function collections(meter: Meter, operator: BinaryOperator, left: Value, right: Value): Value | undefined {
  if (left instanceof DictValue && right instanceof DictValue) {
    if (left.isCounter && right.isCounter) return counters(meter, operator, left, right);
    if (operator !== '|') return undefined;
    meter.collection(left.entries.size + right.entries.size);
    const merged = new DictValue();
    for (const source of [left, right]) {
      for (const [hash, { key, value }] of source.entries) {
        merged.entries.set(hash, { key: merged.entries.get(hash)?.key ?? key, value });
      }
    }
    return merged;
  }
  return sets(meter, operator, left, right);
}

function counters(
  meter: Meter,
  operator: BinaryOperator,
  left: DictValue,
  right: DictValue,
): DictValue | undefined {
  const combine = COUNTER_OPERATORS.get(operator);
  if (combine === undefined) return undefined;
  meter.collection(left.entries.size + right.entries.size);
  const result = new DictValue(true);
  for (const [hash, { key }] of [...left.entries, ...right.entries]) {
    if (result.entries.has(hash)) continue;
    const count = combine(meter, countOf(left, hash), countOf(right, hash));
    if (order('>', count, 0n)) result.entries.set(hash, { key, value: count });
  }
  return result;
}

const COUNTER_OPERATORS: ReadonlyMap<string, (meter: Meter, a: Value, b: Value) => Value> = new Map([
  ['+', (meter: Meter, a: Value, b: Value) => binary(meter, '+', a, b)],
  ['-', (meter: Meter, a: Value, b: Value) => binary(meter, '-', a, b)],
  ['&', (_: Meter, a: Value, b: Value) => (order('<', a, b) ? a : b)],
  ['|', (_: Meter, a: Value, b: Value) => (order('<', a, b) ? b : a)],
]);

function countOf(counter: DictValue, hash: string): Value {
  return counter.entries.get(hash)?.value ?? 0n;
}

function sets(meter: Meter, operator: BinaryOperator, left: Value, right: Value): Value | undefined {
  const leftKeys = setKeys(left);
  const rightKeys = setKeys(right);
  if (leftKeys === undefined || rightKeys === undefined || !'|&-^'.includes(operator)) return undefined;
  meter.collection(leftKeys.size + rightKeys.size);
  const result = new SetValue(left instanceof SetValue && left.isFrozen);
  const keep = (from: Value, condition: (hash: string) => boolean): void => {
    for (const [hash, item] of setItems(from)) if (condition(hash)) result.items.set(hash, item);
  };
  if (operator === '&') keep(left, (hash) => rightKeys.has(hash));
  else keep(left, (hash) => operator === '|' || !rightKeys.has(hash));
  if (operator === '|' || operator === '^') keep(right, (hash) => !leftKeys.has(hash));
  return result;
}

/** Items of a set or key view with their hashes. */
export function setItems(value: Value): Iterable<readonly [string, Value]> {
  if (value instanceof SetValue) return value.items;
  const dict = (value as { dict?: DictValue }).dict;
  return dict === undefined ? [] : Array.from(dict.entries, ([hash, entry]) => [hash, entry.key] as const);
}

/**
 * Applies an operator with one operand to a value that is not lazy.
 *
 * @throws Raised TypeError
 */
export function unary(operator: Exclude<UnaryOperator, 'not'>, operand: Value): Value {
  const number = asNumber(operand);
  if (number === undefined || (operator === '~' && typeof number === 'number')) {
    throw raise('TypeError', `bad operand type for unary ${operator}: '${typeName(operand)}'`);
  }
  if (operator === '-') return -number;
  return operator === '+' ? number : ~(number as bigint);
}
