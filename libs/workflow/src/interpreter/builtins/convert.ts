import { binary, truncated } from '../arithmetic.js';
import { asNumber, hashKey, setEntry, truthy } from '../compare.js';
import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { cursorOf, END } from '../iteration.js';
import type { Machine } from '../machine.js';
import { COSTS, type Meter } from '../meter.js';
import { asciiRepr, checkDigits, repr, text } from '../text.js';
import { DictValue, ListValue, RangeValue, SetValue, TupleValue, typeName, type Value } from '../values.js';
import { bind, integerArgument, pure, type Builtin } from './builtin.js';

const INTEGER = /^(?<sign>[+-]?)(?<prefix>0[box])?(?<digits>[0-9a-z_]*)$/i;
const PREFIXES: ReadonlyMap<string, bigint> = new Map([
  ['0b', 2n],
  ['0o', 8n],
  ['0x', 16n],
]);
const FLOAT = /^[+-]?(?:(?:\d+(?:_\d+)*)?\.?(?:\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;

/** Python's `int(value, base)`. */
function toInteger(meter: Meter, value: Value, base: Value | undefined): bigint {
  if (typeof value === 'string') {
    return parseInteger(meter, value, base === undefined ? 10n : integerArgument(base));
  }
  if (base !== undefined) throw raise('TypeError', "int() can't convert non-string with explicit base");
  const number = asNumber(value);
  if (number === undefined) {
    throw raise(
      'TypeError',
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
    );
  }
  return truncated(number);
}

function parseInteger(meter: Meter, source: string, base: bigint): bigint {
  if (base !== 0n && (base < 2n || base > 36n))
    throw raise('ValueError', 'int() base must be >= 2 and <= 36, or 0');
  const { sign, prefix, digits } = INTEGER.exec(source.trim())?.groups ?? {};
  const named = PREFIXES.get(prefix?.toLowerCase() ?? '');
  // "0b1" has a prefix in base 2, and only digits in base 16.
  const isPrefix = named !== undefined && (base === 0n || base === named);
  const radix = base !== 0n ? base : (named ?? 10n);
  const plain = ((isPrefix ? '' : (prefix ?? '')) + (digits ?? '')).replaceAll('_', '').toLowerCase();
  const isAmbiguous = base === 0n && named === undefined && /^0+[1-9]/.test(plain);
  const shape = isPrefix ? /^_?[^_]+(?:_[^_]+)*$/ : /^[^_]+(?:_[^_]+)*$/;
  const isWhole = shape.test((isPrefix ? '' : (prefix ?? '')) + (digits ?? ''));
  const values = Array.from(plain, (digit) => Number.parseInt(digit, 36));
  if (!isWhole || isAmbiguous || values.some((value) => !(value < Number(radix)))) {
    throw raise('ValueError', `invalid literal for int() with base ${base}: ${repr(source)}`);
  }
  const magnitude = magnitudeOf(meter, plain, values, Number(radix));
  return sign === '-' ? -magnitude : magnitude;
}

function magnitudeOf(meter: Meter, plain: string, values: readonly number[], radix: number): bigint {
  const bits = Math.log2(radix);
  if (Number.isInteger(bits)) {
    meter.integer(values.length * bits);
    return BigInt(`0b${values.map((value) => value.toString(2).padStart(bits, '0')).join('')}`);
  }
  checkDigits(values.length);
  if (radix === 10) return BigInt(plain);
  return values.reduce((total, value) => total * BigInt(radix) + BigInt(value), 0n);
}

/** Python's `float(value)`. */
function parseFloatValue(value: Value): number {
  if (typeof value === 'string') {
    const trimmed = value.trim();
    if (!FLOAT.test(trimmed) || !/\d|inf|nan/i.test(trimmed) || /^[+-]?e/i.test(trimmed)) {
      throw raise('ValueError', `could not convert string to float: ${repr(value)}`);
    }
    const plain = trimmed.replaceAll('_', '').toLowerCase();
    if (plain.includes('nan')) return NaN;
    if (plain.includes('inf')) return plain.startsWith('-') ? -Infinity : Infinity;
    return Number(plain);
  }
  const number = asNumber(value);
  if (number === undefined) {
    throw raise('TypeError', `float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  const result = Number(number);
  if (typeof number === 'bigint' && !Number.isFinite(result)) {
    throw raise('OverflowError', 'int too large to convert to float');
  }
  return result;
}

/** Items of the one optional argument, as they are. */
function* itemsOf(machine: Machine, name: string, args: CallArguments): Evaluation<Value[]> {
  const [iterable] = bind(name, args, ['iterable?']);
  return iterable === undefined ? [] : yield* machine.drain(cursorOf(yield* machine.force(iterable)));
}

function* toSet(machine: Machine, name: 'set' | 'frozenset', args: CallArguments): Evaluation<Value> {
  const result = new SetValue(name === 'frozenset');
  for (const item of yield* itemsOf(machine, name, args)) {
    const forced = yield* machine.forceDeep(item);
    const hash = hashKey(forced);
    if (!result.items.has(hash)) result.items.set(hash, forced);
    yield* machine.breathe();
  }
  return result;
}

function onlyPositional(name: string, { positional }: CallArguments): Value | undefined {
  if (positional.length <= 1) return positional[0];
  throw raise('TypeError', `${name} expected at most 1 argument, got ${positional.length}`);
}

/** Fills a dict as `dict(…)` and `update(…)` do. */
export function* fillDict(machine: Machine, dict: DictValue, args: CallArguments): Evaluation<void> {
  const source = onlyPositional('dict', args);
  if (source !== undefined) {
    const from = yield* machine.force(source);
    if (from instanceof DictValue) {
      machine.meter.scan(COSTS.copiedEntry * from.entries.size);
      for (const { key, value } of [...from.entries.values()]) setEntry(dict, key, value);
    } else yield* fillFromPairs(machine, dict, from);
  }
  for (const [name, value] of args.named) setEntry(dict, name, value);
  machine.meter.collection(dict.entries.size);
}

function* fillFromPairs(machine: Machine, dict: DictValue, source: Value): Evaluation<void> {
  for (const [i, item] of (yield* machine.drain(cursorOf(source))).entries()) {
    const pair = yield* machine.drain(cursorOf(yield* machine.force(item)));
    if (pair.length !== 2) {
      throw raise(
        'ValueError',
        `dictionary update sequence element #${i} has length ${pair.length}; 2 is required`,
      );
    }
    setEntry(dict, yield* machine.forceDeep(pair[0] as Value), pair[1] as Value);
  }
}

function* toDict(machine: Machine, args: CallArguments): Evaluation<Value> {
  const dict = new DictValue();
  yield* fillDict(machine, dict, args);
  return dict;
}

/** Counts items, or takes counts over, as `Counter(…)` and `Counter.update(…)` do. */
export function* fillCounter(machine: Machine, counter: DictValue, args: CallArguments): Evaluation<void> {
  const source = onlyPositional('Counter', args);
  const add = (key: Value, count: Value): void => {
    const before = counter.entries.get(hashKey(key))?.value;
    setEntry(counter, key, before === undefined ? count : binary(machine.meter, '+', count, before));
    machine.meter.collection(counter.entries.size, 1);
  };
  if (source !== undefined) {
    const from = yield* machine.forceDeep(source);
    if (from instanceof DictValue) for (const { key, value } of from.entries.values()) add(key, value);
    else if (from !== null) {
      const cursor = cursorOf(from);
      for (let item = yield* machine.next(cursor); item !== END; item = yield* machine.next(cursor)) {
        machine.meter.step();
        add(yield* machine.forceDeep(item), 1n);
      }
    }
  }
  for (const [name, value] of args.named) add(name, yield* machine.forceDeep(value));
  machine.meter.collection(counter.entries.size);
}

function toRange(values: readonly (Value | undefined)[]): RangeValue {
  const integers = values
    .filter((value) => value !== undefined)
    .map((value) => {
      const number = asNumber(value);
      if (typeof number === 'bigint') return number;
      throw raise('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
    });
  const [first = 0n, second, step = 1n] = integers;
  if (step === 0n) throw raise('ValueError', 'range() arg 3 must not be zero');
  return second === undefined ? new RangeValue(0n, first, 1n) : new RangeValue(first, second, step);
}

/** Functions that make values of a type. */
export const CONVERSIONS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [
    'int',
    pure('int', ['x?', 'base?'], ([value, base], { meter }) =>
      value === undefined ? 0n : toInteger(meter, value, base),
    ),
  ],
  ['float', pure('float', ['x?'], ([value]) => (value === undefined ? 0 : parseFloatValue(value)))],
  [
    'str',
    pure('str', ['object?'], ([value], machine) => {
      const result = value === undefined ? '' : text(value);
      machine.meter.string(result.length);
      return result;
    }),
  ],
  [
    'repr',
    pure('repr', ['object'], ([value], machine) => {
      const result = repr(value as Value);
      machine.meter.string(result.length);
      return result;
    }),
  ],
  [
    'ascii',
    pure('ascii', ['object'], ([value], machine) => {
      const result = asciiRepr(value as Value);
      machine.meter.string(result.length);
      return result;
    }),
  ],
  [
    'bool',
    function* (machine, args) {
      const [value] = bind('bool', args, ['x?']);
      return value !== undefined && truthy(yield* machine.force(value));
    },
  ],
  [
    'list',
    function* (machine, args) {
      return new ListValue(yield* itemsOf(machine, 'list', args));
    },
  ],
  [
    'tuple',
    function* (machine, args) {
      return new TupleValue(yield* itemsOf(machine, 'tuple', args));
    },
  ],
  ['set', (machine, args) => toSet(machine, 'set', args)],
  ['frozenset', (machine, args) => toSet(machine, 'frozenset', args)],
  ['dict', toDict],
  [
    'dict.fromkeys',
    function* (machine, args) {
      const [keys, value = null] = bind('fromkeys', args, ['iterable', 'value?']);
      const dict = new DictValue();
      for (const key of yield* machine.drain(cursorOf(yield* machine.force(keys as Value)))) {
        setEntry(dict, yield* machine.forceDeep(key), value);
      }
      machine.meter.collection(dict.entries.size);
      return dict;
    },
  ],
  [
    'collections.Counter',
    function* (machine, args) {
      const counter = new DictValue(true);
      yield* fillCounter(machine, counter, args);
      return counter;
    },
  ],
  ['range', pure('range', ['start', 'stop?', 'step?'], (bound) => toRange(bound))],
]);
