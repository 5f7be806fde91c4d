import { lengthOf } from './iterate.js';
import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import { cursorOf } from '../iteration.js';
import type { Machine } from '../machine.js';
import { randomFrom, seedOf } from '../place.js';
import { getItem } from '../subscript.js';
import { asNumber } from '../compare.js';
import { ListValue, type Value } from '../values.js';
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
    throw raise('ValueError', `empty range for randrange() (${low}, ${high + 1n}, ${high - low + 1n})`);
  const span = high - low + 1n;
  const drawn = (BigInt(below(draw, 2 ** 30)) << 30n) | BigInt(below(draw, 2 ** 30));
  return low + (drawn * span) / (1n << 60n);
}

function real(value: Value | undefined): number {
  const number = asNumber(value ?? null);
  if (number === undefined) throw raise('TypeError', 'must be real number');
  return Number(number);
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
  random('randrange', ['start', 'stop?'], function* (draw, [start, stop]) {
    return stop === undefined
      ? integerBetween(draw, 0n, integerArgument(start) - 1n)
      : integerBetween(draw, integerArgument(start), integerArgument(stop) - 1n);
  }),
  random('choice', ['seq'], function* (draw, [sequence]) {
    const length = Number(lengthOf(sequence as Value));
    if (length === 0) throw raise('IndexError', 'Cannot choose from an empty sequence');
    return getItem(sequence as Value, BigInt(below(draw, length)));
  }),
  random(
    'choices',
    ['population', 'weights?', 'cum_weights?', 'k?'],
    function* (draw, [population, , , k], machine) {
      const items = yield* machine.drain(cursorOf(population as Value));
      if (items.length === 0) throw raise('IndexError', 'Cannot choose from an empty population');
      const count = Number(k === undefined ? 1n : integerArgument(k));
      machine.meter.collection(count);
      return new ListValue(Array.from({ length: count }, () => items[below(draw, items.length)] as Value));
    },
  ),
  random('sample', ['population', 'k'], function* (draw, [population, k], machine) {
    const items = yield* machine.drain(cursorOf(population as Value));
    const count = Number(integerArgument(k));
    if (count < 0 || count > items.length)
      throw raise('ValueError', 'Sample larger than population or is negative');
    shuffle(draw, items);
    return new ListValue(items.slice(0, count));
  }),
  random('shuffle', ['x'], function* (draw, [list], machine) {
    if (!(list instanceof ListValue)) throw raise('TypeError', 'random.shuffle() takes a list');
    yield* machine.beforeChange();
    shuffle(draw, list.items);
    return null;
  }),
]);
