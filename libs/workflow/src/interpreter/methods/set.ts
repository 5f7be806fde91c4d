import { setItems } from '../arithmetic.js';
import { hashKey } from '../compare.js';
import { raise, raiseWith } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { cursorOf } from '../iteration.js';
import type { Machine } from '../machine.js';
import { SetValue, type Value } from '../values.js';

type Items = ReadonlyMap<string, Value>;

/** How each operation combines the items of two sets. */
const OPERATIONS: ReadonlyMap<string, (a: Items, b: Items) => (readonly [string, Value])[]> = new Map([
  ['union', (a: Items, b: Items) => [...b, ...a]],
  ['intersection', (a: Items, b: Items) => [...a].filter(([hash]) => b.has(hash))],
  ['difference', (a: Items, b: Items) => [...a].filter(([hash]) => !b.has(hash))],
  [
    'symmetric_difference',
    (a: Items, b: Items) => [
      ...[...a].filter(([hash]) => !b.has(hash)),
      ...[...b].filter(([hash]) => !a.has(hash)),
    ],
  ],
]);

const RELATIONS: ReadonlyMap<string, (a: Items, b: Items) => boolean> = new Map([
  ['isdisjoint', (a: Items, b: Items) => ![...a.keys()].some((hash) => b.has(hash))],
  ['issubset', (a: Items, b: Items) => [...a.keys()].every((hash) => b.has(hash))],
  ['issuperset', (a: Items, b: Items) => [...b.keys()].every((hash) => a.has(hash))],
]);

/**
 * Calls a method of a set; nothing in the arguments is lazy.
 *
 * @throws Raised as Python does
 */
export function* callSetMethod(
  machine: Machine,
  set: SetValue,
  name: string,
  args: CallArguments,
): Evaluation<Value> {
  const relation = RELATIONS.get(name);
  if (relation !== undefined) return relation(set.items, yield* itemsOf(machine, args.positional[0] ?? null));
  const operation = OPERATIONS.get(name);
  if (operation !== undefined) return yield* combine(machine, set, operation, args.positional);
  if (name === 'copy') {
    const copy = new SetValue(set.isFrozen);
    for (const [hash, item] of set.items) copy.items.set(hash, item);
    return copy;
  }
  yield* machine.beforeChange();
  const update = OPERATIONS.get(name === 'update' ? 'union' : name.replace(/_update$/, ''));
  if (update === undefined) return change(machine, set, name, args);
  const result = yield* combine(machine, set, update, args.positional);
  set.items.clear();
  for (const [hash, item] of result.items) set.items.set(hash, item);
  return null;
}

function* combine(
  machine: Machine,
  set: SetValue,
  operation: (a: Items, b: Items) => (readonly [string, Value])[],
  others: readonly Value[],
): Evaluation<SetValue> {
  const result = new SetValue(set.isFrozen);
  for (const [hash, item] of set.items) result.items.set(hash, item);
  for (const other of others) {
    const combined = operation(result.items, yield* itemsOf(machine, other));
    machine.meter.collection(combined.length);
    const old = new Map(result.items);
    result.items.clear();
    // Items that were there before come first and keep their order.
    const hashes = new Set(combined.map(([hash]) => hash));
    for (const [hash, item] of old) if (hashes.has(hash)) result.items.set(hash, item);
    for (const [hash, item] of combined) if (!result.items.has(hash)) result.items.set(hash, item);
  }
  return result;
}

function* itemsOf(machine: Machine, value: Value): Evaluation<Items> {
  if (value instanceof SetValue) return new Map(setItems(value));
  const items = new Map<string, Value>();
  for (const item of yield* machine.drain(cursorOf(value))) items.set(hashKey(item), item);
  return items;
}

function change(machine: Machine, set: SetValue, name: string, args: CallArguments): Value {
  const item = args.positional[0] ?? null;
  switch (name) {
    case 'add':
      machine.meter.collection(set.items.size + 1, 1);
      if (!set.items.has(hashKey(item))) set.items.set(hashKey(item), item);
      return null;
    case 'discard':
      set.items.delete(hashKey(item));
      return null;
    case 'remove':
      if (!set.items.delete(hashKey(item))) throw raiseWith('KeyError', item);
      return null;
    case 'clear':
      set.items.clear();
      return null;
    default: {
      const first = set.items.entries().next().value;
      if (first === undefined) throw raise('KeyError', 'pop from an empty set');
      set.items.delete(first[0]);
      return first[1];
    }
  }
}
