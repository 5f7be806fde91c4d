import { binary, bitLength, floorDivide } from '../arithmetic.js';
import { asNumber } from '../compare.js';
import { getAttribute } from '../attributes.js';
import { codePointLength } from '../code-points.js';
import { canonicalException, isExceptionClass, isSubclass, raise, Raised } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { gather } from '../gather.js';
import { format } from '../format-spec.js';
import type { Machine } from '../machine.js';
import { divideHalfEven, fixedText, scaledInteger } from '../number-text.js';
import {
  BoundMethod,
  BuiltinValue,
  DictValue,
  ExceptionValue,
  FunctionValue,
  TupleValue,
  typeName,
  type Value,
} from '../values.js';
import type { Walk } from '../walk.js';
import { bind, forceArguments, integerArgument, pure, stringArgument, type Builtin } from './builtin.js';

function absolute(value: Value): Value {
  const number = asNumber(value);
  if (number === undefined) throw raise('TypeError', `bad operand type for abs(): '${typeName(value)}'`);
  return number < 0 || Object.is(number, -0) ? -number : number;
}

function round(value: Value, digits: Value | undefined): Value {
  const number = asNumber(value);
  if (number === undefined)
    throw raise('TypeError', `type ${typeName(value)} doesn't define __round__ method`);
  const places = digits === undefined || digits === null ? undefined : Number(integerArgument(digits));
  if (typeof number === 'bigint') {
    if (places === undefined || places >= 0) return number;
    const unit = 10n ** BigInt(Math.min(-places, 40_000));
    return divideHalfEven(number, unit) * unit;
  }
  if (!Number.isFinite(number)) {
    if (places !== undefined) return number;
    if (Number.isNaN(number)) throw raise('ValueError', 'cannot convert float NaN to integer');
    throw raise('OverflowError', 'cannot convert float infinity to integer');
  }
  if (places === undefined) return scaledInteger(number, 0);
  if (places > 323) return number;
  const size = Math.abs(roundedFloat(number, places));
  return number < 0 || Object.is(number, -0) ? -size : size;
}

function roundedFloat(number: number, places: number): number {
  if (places < -308) return 0;
  return places >= 0
    ? Number(fixedText(number, places))
    : Number(scaledInteger(number, places)) * 10 ** -places;
}

function isInstance(value: Value, type: Value, walk: Walk): boolean {
  if (type instanceof TupleValue) {
    return walk.into(type.items.length, () => type.items.some((item) => isInstance(value, item, walk)));
  }
  if (!(type instanceof BuiltinValue)) {
    throw raise('TypeError', 'isinstance() arg 2 must be a type, a tuple of types, or a union');
  }
  if (value instanceof ExceptionValue)
    return isExceptionClass(type.name) && isSubclass(value.type, type.name);
  const wanted = type.name.slice(type.name.lastIndexOf('.') + 1);
  if (wanted === 'object') return true;
  if (wanted === 'int' && typeof value === 'boolean') return true;
  if (wanted === 'dict' && value instanceof DictValue) return true;
  return wanted === typeName(value) || type.name === typeName(value);
}

function radix(name: string, base: number, prefix: string): Builtin {
  return pure(name, ['number'], ([value]) => {
    const number = integerArgument(value);
    return `${number < 0n ? '-' : ''}${prefix}${(number < 0n ? -number : number).toString(base)}`;
  });
}

function character(code: bigint): string {
  if (code < 0n || code > 0x10ffffn) throw raise('ValueError', 'chr() arg not in range(0x110000)');
  return String.fromCodePoint(Number(code));
}

function codeOf(value: Value | undefined): bigint {
  const source = stringArgument(value, 'ord() expected string of length 1; argument');
  const length = codePointLength(source);
  if (length !== 1) {
    throw raise('TypeError', `ord() expected a character, but string of length ${length} found`);
  }
  return BigInt(source.codePointAt(0) as number);
}

/** Greatest product of the bits of exponent and modulus: above it, squaring takes seconds. */
const POWER_LIMIT = 1 << 27;

function* power(machine: Machine, args: CallArguments): Evaluation<Value> {
  const [base, exponent, modulus] = bind('pow', yield* forceArguments(machine, args), [
    'base',
    'exp',
    'mod?',
  ]);
  if (modulus === undefined || modulus === null) {
    return binary(machine.meter, '**', base as Value, exponent as Value);
  }
  const m = integerArgument(modulus);
  let remaining = integerArgument(exponent);
  if (m === 0n) throw raise('ValueError', 'pow() 3rd argument cannot be 0');
  if (remaining < 0n) throw raise('ValueError', 'base is not invertible for the given modulus');
  if (bitLength(remaining) * bitLength(m) > POWER_LIMIT)
    throw raise('OverflowError', 'pow() arguments are too large together here');
  let result = 1n;
  let factor = integerArgument(base) % m;
  for (; remaining > 0n; remaining >>= 1n) {
    machine.meter.step();
    machine.meter.integer(bitLength(m));
    machine.meter.multiply(4 * bitLength(m), bitLength(m));
    yield* machine.breathe();
    if ((remaining & 1n) === 1n) result = (result * factor) % m;
    factor = (factor * factor) % m;
  }
  return result - floorDivide(result, m) * m;
}

/** Makes an exception of a class that the language has. */
export function makeException(name: string): Builtin {
  return function* (machine, args) {
    const { positional } = yield* forceArguments(machine, args);
    return new ExceptionValue(canonicalException(name), positional);
  };
}

function* getAttributeOr(machine: Machine, args: CallArguments): Evaluation<Value> {
  const [object, name, otherwise] = bind('getattr', args, ['object', 'name', 'default?']);
  const target = yield* machine.force(object as Value);
  const attribute = stringArgument(yield* machine.force(name as Value), 'attribute name');
  try {
    return getAttribute(target, attribute);
  } catch (error) {
    if (otherwise !== undefined && error instanceof Raised) return otherwise;
    throw error;
  }
}

/** Functions that belong to no other group. */
export const CORE: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['abs', pure('abs', ['x'], ([value]) => absolute(value as Value))],
  ['round', pure('round', ['number', 'ndigits?'], ([value, digits]) => round(value as Value, digits))],
  [
    'divmod',
    pure('divmod', ['x', 'y'], ([a, b], { meter }) => {
      return new TupleValue([
        binary(meter, '//', a as Value, b as Value),
        binary(meter, '%', a as Value, b as Value),
      ]);
    }),
  ],
  ['pow', power],
  [
    'isinstance',
    pure('isinstance', ['obj', 'class_or_tuple'], ([value, type], { meter }) =>
      isInstance(value as Value, type as Value, meter.walk()),
    ),
  ],
  ['type', pure('type', ['object'], ([value]) => new BuiltinValue(typeName(value as Value)))],
  [
    'callable',
    pure('callable', ['obj'], ([value]) => {
      return value instanceof FunctionValue || value instanceof BuiltinValue || value instanceof BoundMethod;
    }),
  ],
  [
    'format',
    pure('format', ['value', 'format_spec?'], ([value, spec], { meter }) =>
      format(meter, value as Value, stringArgument(spec ?? '', 'format() argument 2')),
    ),
  ],
  ['chr', pure('chr', ['i'], ([code]) => character(integerArgument(code)))],
  ['ord', pure('ord', ['c'], ([value]) => codeOf(value))],
  ['hex', radix('hex', 16, '0x')],
  ['bin', radix('bin', 2, '0b')],
  ['oct', radix('oct', 8, '0o')],
  ['getattr', getAttributeOr],
  [
    'hasattr',
    function* (machine, args) {
      const [object, name] = bind('hasattr', args, ['object', 'name']);
      const missing = new TupleValue([]);
      const found = yield* getAttributeOr(machine, {
        positional: [object as Value, name as Value, missing],
        named: new Map(),
      });
      return found !== missing;
    },
  ],
  [
    'print',
    function* () {
      return null;
    },
  ],
  [
    'asyncio.gather',
    (machine, args) => gather(machine, args.positional, args.named.get('return_exceptions') ?? false),
  ],
  [
    'asyncio.sleep',
    // Waiting changes nothing that a program can see, and only costs wall time.
    function* () {
      return null;
    },
  ],
]);
