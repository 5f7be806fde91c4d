import { lengthOf } from './iterate.js';
import { toFloat } from '../arithmetic.js';
import { codePoints } from '../code-points.js';
import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import { cursorOf } from '../iteration.js';
import type { Machine } from '../machine.js';
import { randomFrom, seedOf } from '../place.js';
import { getItem } from '../subscript.js';
import { asNumber } from '../compare.js';
import { integerText } from '../text.js';
import { ListValue, RangeValue, TupleValue, typeName, type Value } from '../values.js';
import { bind, forceArguments, integerArgument, type Bound, type Builtin } from './builtin.js';

type Draw = () => number;

/** A function of `random`: what it gives depends on the run's seed and its place, so it is the same in every run. */
function random(
  name: string,
  parameters: readonly string[],
  run: (draw: Draw, bound: Bound, machine: Machine) => Evaluation<Value>,
): [string, Builtin] {
  return [
    `random.${name}`,
    function* (machine, args, path) {
      const bound = bind(name, yield* forceArguments(machine, args), parameters);
      const draw = randomFrom(seedOf(machine.run.seed, machine.claimPlace(`${path}~`)));
      return yield* run(draw, bound, machine);
    },
  ];
}

function below(draw: Draw, count: number): number {
  return Math.floor(draw() * count);
}

function integerBetween(draw: Draw, low: bigint, high: bigint): bigint {
  if (high < low)
    throw raise(
      'ValueError',
      `empty range for randrange() (${[low, high + 1n, high - low + 1n].map(integerText).join(', ')})`,
    );
  const span = high - low + 1n;
  return low + bigBelow(draw, span);
}

/** An integer from 0 up to but not including `count`. */
function bigBelow(draw: Draw, count: bigint): bigint {
  const drawn = (BigInt(below(draw, 2 ** 30)) << 30n) | BigInt(below(draw, 2 ** 30));
  return (drawn * count) / (1n << 60n);
}

function real(value: Value | undefined): number {
  const number = asNumber(value ?? null);
  if (number === undefined) throw raise('TypeError', `must be real number, not ${typeName(value ?? null)}`);
  return toFloat(number);
}

/**
 * `k` items drawn without putting back: the first `k` steps of a shuffle, which
 * keeps only the places it has changed, so that a range need not be written out.
 */
function* sample(draw: Draw, population: Value, k: Value, machine: Machine): Evaluation<Value> {
  if (!SEQUENCES.some((type) => population instanceof type) && typeof population !== 'string') {
    throw raise('TypeError', 'Population must be a sequence.  For dicts or sets, use sorted(d).');
  }
  const length = lengthOf(population);
  const count = integerArgument(k);
  if (count < 0n || count > length) throw raise('ValueError', 'Sample larger than population or is negative');
  machine.meter.collection(Number(count));
  const items = typeof population === 'string' ? new ListValue(codePoints(population)) : population;
  const moved = new Map<bigint, bigint>();
  const taken: Value[] = [];
  for (let i = 0n; i < count; i += 1n) {
    const j = i + bigBelow(draw, length - i);
    taken.push(getItem(machine.meter, items, moved.get(j) ?? j));
    moved.set(j, moved.get(i) ?? i);
  }
  return new ListValue(taken);
}

const SEQUENCES = [ListValue, TupleValue, RangeValue] as const;

/** Sums of the weights up to each item, as `choices` is given them; undefined where it is given none. */
function* cumulativeWeights(
  machine: Machine,
  weights: Value,
  cumulative: Value,
  length: number,
): Evaluation<readonly number[] | undefined> {
  if (weights !== null && cumulative !== null)
    throw raise('TypeError', 'Cannot specify both weights and cumulative weights');
  if (weights === null && cumulative === null) return undefined;
  const given = (yield* machine.drain(cursorOf(weights ?? cumulative))).map(real);
  if (given.length !== length)
    throw raise('ValueError', 'The number of weights does not match the population');
  let sum = 0;
  const sums = weights === null ? given : given.map((weight) => (sum += weight));
  const total = sums.at(-1) as number;
  if (!(total > 0)) throw raise('ValueError', 'Total of weights must be greater than zero');
  if (!Number.isFinite(total)) throw raise('ValueError', 'Total of weights must be finite');
  return sums;
}

/** Index of the first sum above a number, by bisection. */
function firstAbove(sums: readonly number[], number: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (number < (sums[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Shuffles items in place (Fisher and Yates). */
function shuffle(draw: Draw, items: Value[]): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = below(draw, i + 1);
    [items[i], items[j]] = [items[j] as Value, items[i] as Value];
  }
}

/** Functions of `random`. */
export const RANDOM: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  random('seed', ['a?'], function* () {
    return null;
  }),
  random('random', [], function* (draw) {
    return draw();
  }),
  random('uniform', ['a', 'b'], function* (draw, [a, b]) {
    return real(a) + (real(b) - real(a)) * draw();
  }),
  random('randint', ['a', 'b'], function* (draw, [a, b]) {
    return integerBetween(draw, integerArgument(a), integerArgument(b));
  }),
  random('randrange', ['start', 'stop?', 'step?'], function* (draw, [start, stop, step]) {
    const first = integerArgument(start);
    if (stop === undefined || stop === null) return integerBetween(draw, 0n, first - 1n);
    const end = integerArgument(stop);
    const stride = step === undefined ? 1n : integerArgument(step);
    if (stride === 1n) return integerBetween(draw, first, end - 1n);
    if (stride === 0n) throw raise('ValueError', 'zero step for randrange()');
    const { length } = new RangeValue(first, end, stride);
    if (length === 0n) throw raise('ValueError', 'empty range in randrange()');
    return first + stride * bigBelow(draw, length);
  }),
  random('choice', ['seq'], function* (draw, [sequence], machine) {
    const length = Number(lengthOf(sequence as Value));
    if (length === 0) throw raise('IndexError', 'Cannot choose from an empty sequence');
    return getItem(machine.meter, sequence as Value, BigInt(below(draw, length)));
  }),
  random(
    'choices',
    ['population', 'weights?', 'cum_weights?', 'k?'],
    function* (draw, [population, weights, cumulative, k], machine) {
      const items = yield* machine.drain(cursorOf(population as Value));
      if (items.length === 0) throw raise('IndexError', 'Cannot choose from an empty population');
      const sums = yield* cumulativeWeights(machine, weights ?? null, cumulative ?? null, items.length);
      const count = Math.max(0, Number(k === undefined ? 1n : integerArgument(k)));
      machine.meter.collection(count);
      const index = (): number =>
        sums === undefined ? below(draw, items.length) : firstAbove(sums, draw() * (sums.at(-1) as number));
      return new ListValue(Array.from({ length: count }, () => items[index()] as Value));
    },
  ),
  random('sample', ['population', 'k'], function* (draw, [population, k], machine) {
    return yield* sample(draw, population as Value, k as Value, machine);
  }),
  random('shuffle', ['x'], function* (draw, [list], machine) {
    if (!(list instanceof ListValue)) throw raise('TypeError', 'random.shuffle() takes a list');
    yield* machine.beforeChange();
    shuffle(draw, list.items);
    return null;
  }),
]);
