import { bind, integerArgument } from '../builtins/builtin.js';
import { sortItems } from '../builtins/iterate.js';
import { equals, truthy } from '../compare.js';
import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { cursorOf } from '../iteration.js';
import type { Machine } from '../machine.js';
import { COSTS } from '../meter.js';
import { popItem } from '../subscript.js';
import { repr } from '../text.js';
import { ListValue, type Value } from '../values.js';

type ListMethod = (machine: Machine, list: ListValue, args: CallArguments, path: string) => Evaluation<Value>;

/** Index of an item that equals a value, or -1; items are forced as far as needed. */
function* findItem(machine: Machine, list: ListValue, wanted: Value, from = 0): Evaluation<number> {
  const value = yield* machine.forceDeep(wanted);
  const walk = machine.meter.walk();
  for (let i = from; i < list.items.length; i += 1) {
    machine.meter.scan(COSTS.walkedItem);
    if (equals(yield* machine.forceDeep(list.items[i] as Value), value, walk)) return i;
  }
  return -1;
}

/** Sorts the list, which is empty meanwhile: what the key function puts into it is found out and dropped. */
function* sortInPlace(
  machine: Machine,
  list: ListValue,
  key: Value | undefined,
  descending: boolean,
  path: string,
): Evaluation<void> {
  const { items } = list;
  const meanwhile: Value[] = [];
  list.items = meanwhile;
  let isModified: boolean;
  try {
    yield* sortItems(machine, items, key, descending, path);
  } finally {
    isModified = list.items !== meanwhile || meanwhile.length > 0;
    list.items = items;
  }
  if (isModified) throw raise('ValueError', 'list modified during sort');
}

/** A place to insert at, counted from the end when negative and held within the list. */
function insertPosition(index: bigint, length: number): number {
  const at = index < 0n ? index + BigInt(length) : index;
  return at < 0n ? 0 : at > BigInt(length) ? length : Number(at);
}

/** Methods of lists. Items that are moved may be lazy. */
export const LIST_METHODS: ReadonlyMap<string, ListMethod> = new Map<string, ListMethod>([
  [
    'append',
    function* (machine, list, args) {
      const [value] = bind('append', args, ['object']);
      machine.append(list, value as Value);
      return null;
    },
  ],
  [
    'extend',
    function* (machine, list, args) {
      const [iterable] = bind('extend', args, ['iterable']);
      const items = yield* machine.drain(cursorOf(yield* machine.force(iterable as Value)));
      for (const item of items) machine.append(list, item);
      return null;
    },
  ],
  [
    'insert',
    function* (machine, list, args) {
      const [index, value] = bind('insert', args, ['index', 'object']);
      const at = insertPosition(integerArgument(yield* machine.force(index as Value)), list.items.length);
      yield* machine.beforeChange();
      machine.meter.collection(list.items.length + 1, 1);
      machine.meter.scan(COSTS.movedItem * (list.items.length - at));
      list.items.splice(at, 0, value as Value);
      return null;
    },
  ],
  [
    'pop',
    function* (machine, list, args) {
      const [index] = bind('pop', args, ['index?']);
      const at = yield* machine.force(index ?? -1n);
      yield* machine.beforeChange();
      if (index !== undefined) machine.meter.scan(COSTS.movedItem * list.items.length);
      return popItem(list, at);
    },
  ],
  [
    'remove',
    function* (machine, list, args) {
      const [value] = bind('remove', args, ['value']);
      const at = yield* findItem(machine, list, value as Value);
      if (at < 0) throw raise('ValueError', 'list.remove(x): x not in list');
      yield* machine.beforeChange();
      machine.meter.scan(COSTS.movedItem * (list.items.length - at));
      list.items.splice(at, 1);
      return null;
    },
  ],
  [
    'clear',
    function* (machine, list, args) {
      bind('clear', args, []);
      yield* machine.beforeChange();
      list.items.length = 0;
      return null;
    },
  ],
  [
    'copy',
    function* (machine, list, args) {
      bind('copy', args, []);
      machine.meter.collection(list.items.length);
      return new ListValue([...list.items]);
    },
  ],
  [
    'reverse',
    function* (machine, list, args) {
      bind('reverse', args, []);
      yield* machine.beforeChange();
      machine.meter.scan(list.items.length);
      list.items.reverse();
      return null;
    },
  ],
  [
    'sort',
    function* (machine, list, args, path) {
      if (args.positional.length > 0) throw raise('TypeError', 'sort() takes no positional arguments');
      const [key, reverse] = bind('sort', args, ['key?', 'reverse?']);
      const descending = truthy(yield* machine.force(reverse ?? false));
      yield* machine.beforeChange();
      yield* sortInPlace(machine, list, key, descending, path);
      return null;
    },
  ],
  [
    'index',
    function* (machine, list, args) {
      const [value, start] = bind('index', args, ['value', 'start?', 'stop?']);
      const from =
        start === undefined
          ? 0
          : insertPosition(integerArgument(yield* machine.force(start)), list.items.length);
      const at = yield* findItem(machine, list, value as Value, from);
      if (at < 0)
        throw raise('ValueError', `${repr(yield* machine.forceDeep(value as Value))} is not in list`);
      return BigInt(at);
    },
  ],
  [
    'count',
    function* (machine, list, args) {
      const [value] = bind('count', args, ['value']);
      const wanted = yield* machine.forceDeep(value as Value);
      const walk = machine.meter.walk();
      let count = 0n;
      for (const item of list.items) {
        machine.meter.scan(COSTS.walkedItem);
        if (equals(yield* machine.forceDeep(item), wanted, walk)) count += 1n;
      }
      return count;
    },
  ],
]);
