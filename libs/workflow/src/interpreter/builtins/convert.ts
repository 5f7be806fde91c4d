import { asNumber, hashKey, setEntry, truthy } from '../compare.js';
import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { cursorOf, END } from '../iteration.js';
import type { Machine } from '../machine.js';
import { asciiRepr, repr, text } from '../text.js';
import { DictValue, ListValue, RangeValue, SetValue, TupleValue, typeName, type Value } from '../values.js';
import { bind, pure, type Builtin } from './builtin.js';

const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:(?:\d+(?:_\d+)*)?\.?(?:\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;

/** Python's `int(value, base)`. */
function toInteger(value: Value, base: Value | undefined): bigint {
  if (typeof value === 'string') return parseInteger(value, base === undefined ? 10 : Number(base));
  if (base !== undefined) throw raise('TypeError', "int() can't convert non-string with explicit base");
  const number = asNumber(value);
  if (typeof number === 'bigint') return number;
  if (number === undefined) {
    throw raise(
      'TypeError',
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
    );
  }
  if (Number.isNaN(number)) throw raise('ValueError', 'cannot convert float NaN to integer');
  if (!Number.isFinite(number)) throw raise('OverflowError', 'cannot convert float infinity to integer');
  return BigInt(Math.trunc(number));
}

function parseInteger(source: string, base: number): bigint {
  const trimmed = source.trim();
  const invalid = (): never => {
    throw raise('ValueError', `invalid literal for int() with base ${base}: ${repr(source)}`);
  };
  if (base === 10) {
    if (!INTEGER.test(trimmed)) return invalid();
    const digits = trimmed.replaceAll('_', '').replace('+', '');
    if (digits.length > 4_300) {
      throw raise(
        'ValueError',
        `Exceeds the limit (4300 digits) for integer string conversion: value has ${digits.length} digits`,
      );
    }
    return BigInt(digits);
  }
  if (base < 2 || base > 36) throw raise('ValueError', 'int() base must be >= 2 and <= 36, or 0');
  const prefix = base === 16 ? '0x' : base === 8 ? '0o' : base === 2 ? '0b' : '';
  const negative = trimmed.startsWith('-');
  let digits = trimmed.replace(/^[+-]/, '').toLowerCase();
  if (prefix !== '' && digits.startsWith(prefix)) digits = digits.slice(2);
  if (digits === '' || digits.length > 4_300) return invalid();
  let result = 0n;
  for (const digit of digits) {
    const amount = Number.parseInt(digit, base);
    if (Number.isNaN(amount)) return invalid();
    result = result * BigInt(base) + BigInt(amount);
  }
  return negative ? -result : result;
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
  }
  return result;
}

/** Fills a dict as `dict(…)` and `update(…)` do. */
export function* fillDict(machine: Machine, dict: DictValue, args: CallArguments): Evaluation<void> {
  const [source] = args.positional;
  if (source !== undefined) {
    const from = yield* machine.force(source);
    if (from instanceof DictValue)
      for (const { key, value } of [...from.entries.values()]) setEntry(dict, key, value);
    else yield* fillFromPairs(machine, dict, from);
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
  const [source] = args.positional;
  const add = (key: Value, count: Value): void => {
    const before = counter.entries.get(hashKey(key))?.value ?? 0n;
    setEntry(counter, key, typeof before === 'bigint' && typeof count === 'bigint' ? before + count : count);
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
    pure('int', ['x?', 'base?'], ([value, base]) => (value === undefined ? 0n : toInteger(value, base))),
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
