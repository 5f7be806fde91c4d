import { bitLength, floorDivide, toFloat } from '../arithmetic.js';
import { asNumber } from '../compare.js';
import { raise } from '../errors.js';
import { cursorOf } from '../iteration.js';
import type { Evaluation } from '../evaluation.js';
import type { Machine } from '../machine.js';
import { COSTS, type Meter } from '../meter.js';
import { typeName, type Value } from '../values.js';
import { forceArguments, integerArgument, pure, type Builtin } from './builtin.js';

/** Constants of `math`. */
export const MATH_CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['math.pi', Math.PI],
  ['math.e', Math.E],
  ['math.tau', 2 * Math.PI],
  ['math.inf', Infinity],
  ['math.nan', NaN],
]);

function real(value: Value | undefined): number {
  const number = asNumber(value ?? null);
  if (number === undefined) throw raise('TypeError', `must be real number, not ${typeName(value ?? null)}`);
  return toFloat(number);
}

/** A function of one float; a NaN from a number is a domain error. */
function unary(name: string, run: (x: number) => number): [string, Builtin] {
  return [
    `math.${name}`,
    pure(`math.${name}`, ['x'], ([value]) => {
      const x = real(value);
      const result = run(x);
      if (Number.isNaN(result) && !Number.isNaN(x)) throw raise('ValueError', 'math domain error');
      if (!Number.isFinite(result) && Number.isFinite(x)) throw raise('OverflowError', 'math range error');
      return result;
    }),
  ];
}

function logarithm(value: Value | undefined, log: (x: number) => number): number {
  const number = asNumber(value ?? null);
  if (number === undefined) throw raise('TypeError', `must be real number, not ${typeName(value ?? null)}`);
  if (number <= 0) throw raise('ValueError', 'math domain error');
  if (typeof number === 'number' || bitLength(number) < 1_000) return log(Number(number));
  const shift = bitLength(number) - 60;
  return log(Number(number >> BigInt(shift))) + shift * log(2);
}

function rounding(name: string, run: (x: number) => number): [string, Builtin] {
  return [
    `math.${name}`,
    pure(`math.${name}`, ['x'], ([value]) => {
      const number = asNumber(value ?? null);
      if (typeof number === 'bigint') return number;
      const result = run(real(value));
      if (Number.isNaN(result)) throw raise('ValueError', 'cannot convert float NaN to integer');
      if (!Number.isFinite(result)) throw raise('OverflowError', 'cannot convert float infinity to integer');
      return BigInt(result);
    }),
  ];
}

function* greatestDivisor(machine: Machine, a: bigint, b: bigint): Evaluation<bigint> {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  // A remainder is about as long as what divides, whose words are gone through once, and gets shorter.
  const bits = Math.max(bitLength(x), bitLength(y)) / 2;
  while (y !== 0n) {
    machine.meter.multiply(64, bits);
    machine.meter.scan(COSTS.division);
    yield* machine.breathe();
    [x, y] = [y, x % y];
  }
  return x;
}

function integerRoot(meter: Meter, value: bigint): bigint {
  if (value < 0n) throw raise('ValueError', 'isqrt() argument must be nonnegative');
  if (value < 2n) return value;
  const bits = bitLength(value);
  let root = 1n << BigInt((bits >> 1) + 2);
  for (;;) {
    meter.multiply(bits, bits / 2);
    const better = (root + value / root) >> 1n;
    if (better >= root) return root;
    root = better;
  }
}

/** Arguments given to a function of the host at once. */
const HOST_ARGUMENTS = 10_000;

/** Greatest argument of factorial, comb and perm. */
const FACTORIAL_LIMIT = 5_000n;

function product(meter: Meter, from: bigint, to: bigint): bigint {
  let result = 1n;
  for (let i = from; i <= to; i += 1n) result *= i;
  // It grew from nothing, by one factor of one word at a time.
  if (to > from) meter.multiply(64 * Number(to - from), bitLength(result) / 2);
  return result;
}

function small(value: Value | undefined, name: string): bigint {
  const number = integerArgument(value);
  if (number < 0n) throw raise('ValueError', `${name}() not defined for negative values`);
  if (number > FACTORIAL_LIMIT)
    throw raise('OverflowError', `${name}() argument should not exceed ${FACTORIAL_LIMIT} here`);
  return number;
}

function fold(
  name: string,
  start: bigint,
  combine: (machine: Machine, a: bigint, b: bigint) => Evaluation<bigint>,
): [string, Builtin] {
  return [
    `math.${name}`,
    function* (machine, args) {
      const { positional } = yield* forceArguments(machine, args);
      let total = start;
      for (const value of positional) {
        machine.meter.step();
        const number = integerArgument(value);
        machine.meter.integer(bitLength(total) + bitLength(number));
        total = yield* combine(machine, total, number);
        yield* machine.breathe();
      }
      return total;
    },
  ];
}

function isClose(a: number, b: number, relative: number, absolute: number): boolean {
  if (a === b) return true;
  const difference = Math.abs(a - b);
  if (!Number.isFinite(difference)) return false;
  return difference <= Math.max(relative * Math.max(Math.abs(a), Math.abs(b)), absolute);
}

/** A sum rounded once, by Shewchuk's non-overlapping partial sums. */
function preciseSum(terms: readonly number[]): number {
  let partials: number[] = [];
  for (const term of terms) {
    let x = term;
    const kept: number[] = [];
    for (const partial of partials) {
      const [large, small] = Math.abs(x) < Math.abs(partial) ? [partial, x] : [x, partial];
      const high = large + small;
      const low = small - (high - large);
      if (low !== 0) kept.push(low);
      x = high;
    }
    partials = [...kept, x];
  }
  return partials.reduceRight((total, partial) => total + partial, 0);
}

/** Functions of `math`. */
export const MATH: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ...(
    [
      'sqrt',
      'exp',
      'sin',
      'cos',
      'tan',
      'asin',
      'acos',
      'atan',
      'sinh',
      'cosh',
      'tanh',
      'cbrt',
      'expm1',
      'log1p',
    ] as const
  ).map((name) => unary(name, Math[name])),
  unary('fabs', Math.abs),
  unary('degrees', (x) => (x * 180) / Math.PI),
  unary('radians', (x) => (x * Math.PI) / 180),
  rounding('floor', Math.floor),
  rounding('ceil', Math.ceil),
  rounding('trunc', Math.trunc),
  [
    'math.log',
    pure('math.log', ['x', 'base?'], ([value, base]) => {
      const result = logarithm(value, Math.log);
      if (base === undefined) return result;
      const divisor = logarithm(base, Math.log);
      if (divisor === 0) throw raise('ZeroDivisionError', 'float division by zero');
      return result / divisor;
    }),
  ],
  ['math.log2', pure('math.log2', ['x'], ([value]) => logarithm(value, Math.log2))],
  ['math.log10', pure('math.log10', ['x'], ([value]) => logarithm(value, Math.log10))],
  ['math.pow', pure('math.pow', ['x', 'y'], ([x, y]) => real(x) ** real(y))],
  ['math.atan2', pure('math.atan2', ['y', 'x'], ([y, x]) => Math.atan2(real(y), real(x)))],
  ['math.fmod', pure('math.fmod', ['x', 'y'], ([x, y]) => real(x) % real(y))],
  [
    'math.copysign',
    pure(
      'math.copysign',
      ['x', 'y'],
      ([x, y]) => Math.abs(real(x)) * (Object.is(Math.sign(real(y)), -0) || real(y) < 0 ? -1 : 1),
    ),
  ],
  ['math.isnan', pure('math.isnan', ['x'], ([x]) => Number.isNaN(real(x)))],
  ['math.isinf', pure('math.isinf', ['x'], ([x]) => Math.abs(real(x)) === Infinity)],
  ['math.isfinite', pure('math.isfinite', ['x'], ([x]) => Number.isFinite(real(x)))],
  [
    'math.isclose',
    pure('math.isclose', ['a', 'b', 'rel_tol?', 'abs_tol?'], ([a, b, relative, absolute]) =>
      isClose(
        real(a),
        real(b),
        relative === undefined ? 1e-9 : real(relative),
        absolute === undefined ? 0 : real(absolute),
      ),
    ),
  ],
  fold('gcd', 0n, greatestDivisor),
  fold('lcm', 1n, function* (machine, a, b) {
    if (a === 0n || b === 0n) return 0n;
    const divisor = yield* greatestDivisor(machine, a, b);
    return floorDivide(a < 0n ? -a : a, divisor) * (b < 0n ? -b : b);
  }),
  ['math.isqrt', pure('math.isqrt', ['n'], ([n], { meter }) => integerRoot(meter, integerArgument(n)))],
  [
    'math.factorial',
    pure('math.factorial', ['n'], ([n], { meter }) => product(meter, 2n, small(n, 'factorial'))),
  ],
  [
    'math.comb',
    pure('math.comb', ['n', 'k'], ([n, k], { meter }) => {
      const [all, taken] = [small(n, 'comb'), small(k, 'comb')];
      return taken > all ? 0n : product(meter, all - taken + 1n, all) / product(meter, 2n, taken);
    }),
  ],
  [
    'math.perm',
    pure('math.perm', ['n', 'k?'], ([n, k], { meter }) => {
      const all = small(n, 'perm');
      const taken = k === undefined || k === null ? all : small(k, 'perm');
      return taken > all ? 0n : product(meter, all - taken + 1n, all);
    }),
  ],
  [
    'math.hypot',
    function* (machine, args) {
      const numbers = (yield* forceArguments(machine, args)).positional.map(real);
      // The host takes only so many arguments at once.
      while (numbers.length > HOST_ARGUMENTS) numbers.push(Math.hypot(...numbers.splice(0, HOST_ARGUMENTS)));
      return Math.hypot(...numbers);
    },
  ],
  [
    'math.fsum',
    function* (machine, args) {
      const { positional } = yield* forceArguments(machine, args);
      return preciseSum((yield* machine.drain(cursorOf(positional[0] ?? null))).map(real));
    },
  ],
  [
    'math.prod',
    function* (machine, args) {
      const { positional } = yield* forceArguments(machine, args);
      let total: bigint | number = 1n;
      for (const item of yield* machine.drain(cursorOf(positional[0] ?? null))) {
        const number = asNumber(item);
        if (number === undefined)
          throw raise('TypeError', `unsupported operand type(s) for *: 'int' and '${typeName(item)}'`);
        if (typeof total === 'bigint' && typeof number === 'bigint') {
          const [bits, otherBits] = [bitLength(total), bitLength(number)];
          machine.meter.integer(bits + otherBits);
          machine.meter.multiply(bits, otherBits);
          total *= number;
        } else total = toFloat(total) * toFloat(number);
      }
      return total;
    },
  ],
]);
