import { binary } from '../arithmetic.js';
import { order, truthy } from '../compare.js';
import { raise, raiseWith } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import { callValue, type CallArguments } from '../functions.js';
import { cursorOf, END, readyCursor, waitingCursor, type Cursor } from '../iteration.js';
import type { Machine } from '../machine.js';
import { COSTS } from '../meter.js';
import {
  IteratorValue,
  ListValue,
  RangeValue,
  SetValue,
  DictValue,
  DictView,
  TupleValue,
  typeName,
  type Value,
} from '../values.js';
import { codePointLength } from '../code-points.js';
import { bind, integerArgument, type Builtin } from './builtin.js';

const NOTHING: ReadonlyMap<string, Value> = new Map();

function* cursorOfArgument(machine: Machine, value: Value): Evaluation<Cursor> {
  return cursorOf(yield* machine.force(value));
}

/** Greatest length that Python gives. */
const GREATEST_LENGTH = 2n ** 63n - 1n;

/**
 * Number of items of a value that is not lazy.
 *
 * @throws Raised TypeError for what has no length, OverflowError for a range that is too long
 */
export function lengthOf(value: Value): bigint {
  if (typeof value === 'string') return BigInt(codePointLength(value));
  if (value instanceof ListValue || value instanceof TupleValue) return BigInt(value.items.length);
  if (value instanceof DictValue) return BigInt(value.entries.size);
  if (value instanceof DictView) return BigInt(value.dict.entries.size);
  if (value instanceof SetValue) return BigInt(value.items.size);
  if (value instanceof RangeValue) {
    if (value.length > GREATEST_LENGTH)
      throw raise('OverflowError', 'Python int too large to convert to C ssize_t');
    return value.length;
  }
  throw raise('TypeError', `object of type '${typeName(value)}' has no len()`);
}

/** Cursors over several iterables at once. */
function* cursorsOf(machine: Machine, values: readonly Value[]): Evaluation<Cursor[]> {
  const cursors: Cursor[] = [];
  for (const value of values) cursors.push(yield* cursorOfArgument(machine, value));
  return cursors;
}

/** Takes one item of each cursor; undefined when one of them has ended. */
function* nextOfAll(machine: Machine, cursors: readonly Cursor[]): Evaluation<Value[] | undefined> {
  const row: Value[] = [];
  for (const cursor of cursors) {
    const item = yield* machine.next(cursor);
    if (item === END) return undefined;
    row.push(item);
  }
  return row;
}

function* zip(machine: Machine, args: CallArguments): Evaluation<Value> {
  const cursors = yield* cursorsOf(machine, args.positional);
  return new IteratorValue(
    'zip',
    waitingCursor(function* () {
      const row = cursors.length === 0 ? undefined : yield* nextOfAll(machine, cursors);
      return row === undefined ? END : new TupleValue(row);
    }),
  );
}

function* enumerate(machine: Machine, args: CallArguments): Evaluation<Value> {
  const [iterable, start] = bind('enumerate', args, ['iterable', 'start?']);
  const cursor = yield* cursorOfArgument(machine, iterable as Value);
  let index = start === undefined ? 0n : integerArgument(yield* machine.force(start));
  return new IteratorValue(
    'enumerate',
    waitingCursor(function* () {
      const item = yield* machine.next(cursor);
      return item === END ? END : new TupleValue([index++, item]);
    }),
  );
}

function* map(machine: Machine, args: CallArguments, path: string): Evaluation<Value> {
  const [callee, ...iterables] = args.positional;
  if (callee === undefined || iterables.length === 0)
    throw raise('TypeError', 'map() must have at least two arguments.');
  const cursors = yield* cursorsOf(machine, iterables);
  let turn = 0;
  return new IteratorValue(
    'map',
    waitingCursor(function* () {
      machine.meter.step();
      const row = yield* nextOfAll(machine, cursors);
      if (row === undefined) return END;
      return yield* callValue(machine, callee, { positional: row, named: NOTHING }, `${path}:${turn++}`);
    }),
  );
}

function* filter(machine: Machine, args: CallArguments, path: string): Evaluation<Value> {
  const [callee, iterable] = bind('filter', args, ['function', 'iterable']);
  const cursor = yield* cursorOfArgument(machine, iterable as Value);
  let turn = 0;
  return new IteratorValue(
    'filter',
    waitingCursor(function* () {
      for (;;) {
        machine.meter.step();
        const item = yield* machine.next(cursor);
        if (item === END) return END;
        const keep =
          callee === null
            ? item
            : yield* callValue(
                machine,
                callee as Value,
                { positional: [item], named: NOTHING },
                `${path}:${turn++}`,
              );
        if (truthy(yield* machine.force(keep))) return item;
      }
    }),
  );
}

function reversed(machine: Machine, value: Value): Value {
  if (value instanceof RangeValue) {
    const last = value.start + (value.length - 1n) * value.step;
    return new IteratorValue(
      'range_iterator',
      cursorOf(new RangeValue(last, value.start - value.step, -value.step)),
    );
  }
  const items =
    value instanceof ListValue || value instanceof TupleValue ? [...value.items] : reversibleItems(value);
  machine.meter.scan(COSTS.copiedItem * items.length);
  let index = items.length;
  return new IteratorValue(
    'reversed',
    readyCursor(() => (index > 0 ? (items[--index] as Value) : END)),
  );
}

function reversibleItems(value: Value): Value[] {
  if (typeof value !== 'string' && !(value instanceof DictValue) && !(value instanceof DictView)) {
    throw raise('TypeError', `'${typeName(value)}' object is not reversible`);
  }
  const cursor = cursorOf(value);
  const items: Value[] = [];
  const take = (): Value | typeof END => (cursor.next === undefined ? END : cursor.next());
  for (let item = take(); item !== END; item = take()) items.push(item);
  return items;
}

/** Sorts items in place as `list.sort` does: stable, each key computed once. */
export function* sortItems(
  machine: Machine,
  items: Value[],
  key: Value | undefined,
  reverse: boolean,
  path: string,
): Evaluation<void> {
  const rows: { readonly item: Value; readonly key: Value }[] = [];
  for (const [i, item] of items.entries()) {
    machine.meter.step();
    const value =
      key === undefined || key === null
        ? item
        : yield* callValue(machine, key, { positional: [item], named: NOTHING }, `${path}:${i}`);
    rows.push({ item, key: yield* machine.forceDeep(value) });
  }
  const direction = reverse ? -1 : 1;
  const walk = machine.meter.walk();
  rows.sort((a, b) =>
    order('<', a.key, b.key, walk) ? -direction : order('<', b.key, a.key, walk) ? direction : 0,
  );
  for (const [i, { item }] of rows.entries()) items[i] = item;
}

function* sorted(machine: Machine, args: CallArguments, path: string): Evaluation<Value> {
  const [iterable, key, reverse] = bind('sorted', args, ['iterable', 'key?', 'reverse?']);
  const items = yield* machine.drain(yield* cursorOfArgument(machine, iterable as Value));
  yield* sortItems(machine, items, key, truthy(yield* machine.force(reverse ?? false)), path);
  return new ListValue(items);
}

function extreme(name: 'min' | 'max'): Builtin {
  return function* (machine, args, path) {
    const { positional, named } = args;
    const isIterable = positional.length === 1;
    if (positional.length === 0) throw raise('TypeError', `${name} expected at least 1 argument, got 0`);
    const cursor = isIterable
      ? yield* cursorOfArgument(machine, positional[0] as Value)
      : cursorOf(new ListValue([...positional]));
    const key = named.get('key') ?? null;
    let best: { item: Value; key: Value } | undefined;
    let turn = 0;
    for (let item = yield* machine.next(cursor); item !== END; item = yield* machine.next(cursor)) {
      machine.meter.step();
      const value =
        key === null
          ? item
          : yield* callValue(machine, key, { positional: [item], named: NOTHING }, `${path}:${turn++}`);
      const rank = yield* machine.forceDeep(value);
      if (best === undefined || order(name === 'max' ? '>' : '<', rank, best.key)) best = { item, key: rank };
    }
    if (best !== undefined) return best.item;
    const otherwise = named.get('default');
    if (otherwise === undefined) throw raise('ValueError', `${name}() arg is an empty sequence`);
    return otherwise;
  };
}

function quantifier(name: 'any' | 'all'): Builtin {
  return function* (machine, args) {
    const [iterable] = bind(name, args, ['iterable']);
    const cursor = yield* cursorOfArgument(machine, iterable as Value);
    for (let item = yield* machine.next(cursor); item !== END; item = yield* machine.next(cursor)) {
      machine.meter.step();
      if (truthy(yield* machine.force(item)) === (name === 'any')) return name === 'any';
    }
    return name === 'all';
  };
}

function* sum(machine: Machine, args: CallArguments): Evaluation<Value> {
  const [iterable, start] = bind('sum', args, ['iterable', 'start?']);
  let total = yield* machine.force(start ?? 0n);
  if (typeof total === 'string')
    throw raise('TypeError', "sum() can't sum strings [use ''.join(seq) instead]");
  const cursor = yield* cursorOfArgument(machine, iterable as Value);
  for (let item = yield* machine.next(cursor); item !== END; item = yield* machine.next(cursor)) {
    machine.meter.step();
    total = binary(machine.meter, '+', total, yield* machine.force(item));
  }
  return total;
}

function* next(machine: Machine, args: CallArguments): Evaluation<Value> {
  const [iterator, otherwise] = bind('next', args, ['iterator', 'default?']);
  const source = yield* machine.force(iterator as Value);
  if (!(source instanceof IteratorValue))
    throw raise('TypeError', `'${typeName(source)}' object is not an iterator`);
  yield* machine.beforeChange();
  const item = yield* machine.next(source.cursor);
  if (item !== END) return item;
  if (otherwise === undefined) throw raiseWith('StopIteration', null);
  return otherwise;
}

/** Functions over iterables. Items stay lazy wherever their value does not matter. */
export const ITERATION: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [
    'len',
    function* (machine, args) {
      const [value] = bind('len', args, ['obj']);
      return lengthOf(yield* machine.force(value as Value));
    },
  ],
  ['zip', zip],
  ['enumerate', enumerate],
  ['map', map],
  ['filter', filter],
  [
    'reversed',
    function* (machine, args) {
      const [value] = bind('reversed', args, ['sequence']);
      return reversed(machine, yield* machine.force(value as Value));
    },
  ],
  ['sorted', sorted],
  ['min', extreme('min')],
  ['max', extreme('max')],
  ['any', quantifier('any')],
  ['all', quantifier('all')],
  ['sum', sum],
  ['next', next],
  [
    'iter',
    function* (machine, args) {
      const [value] = bind('iter', args, ['iterable']);
      const source = yield* machine.force(value as Value);
      return source instanceof IteratorValue ? source : new IteratorValue('iterator', cursorOf(source));
    },
  ],
]);
