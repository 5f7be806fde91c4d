import { equals, hashKey } from './compare.js';
import { raise } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { cursorOf, END } from './iteration.js';
import type { Machine } from './machine.js';
import { COSTS } from './meter.js';
import { findText } from './text-search.js';
import {
  DictValue,
  DictView,
  ListValue,
  RangeValue,
  SetValue,
  TupleValue,
  typeName,
  type Value,
} from './values.js';

/**
 * Python's `item in collection`; neither holds anything lazy.
 *
 * @throws Raised TypeError for what has no items
 */
export function* contains(machine: Machine, collection: Value, item: Value): Evaluation<boolean> {
  if (typeof collection === 'string') {
    if (typeof item !== 'string') {
      throw raise('TypeError', `'in <string>' requires string as left operand, not ${typeName(item)}`);
    }
    return findText(collection, item) >= 0;
  }
  if (collection instanceof DictValue) return collection.entries.has(hashKey(item));
  if (collection instanceof SetValue) return collection.items.has(hashKey(item));
  if (collection instanceof DictView && collection.form === 'keys')
    return collection.dict.entries.has(hashKey(item));
  if (collection instanceof ListValue || collection instanceof TupleValue) {
    machine.meter.scan(COSTS.walkedItem * collection.items.length);
    const walk = machine.meter.walk();
    return collection.items.some((other) => equals(other, item, walk));
  }
  if (collection instanceof RangeValue && typeof item === 'bigint') return inRange(collection, item);
  const cursor = cursorOf(collection);
  const walk = machine.meter.walk();
  for (;;) {
    const other = yield* machine.next(cursor);
    if (other === END) return false;
    machine.meter.step();
    if (equals(yield* machine.forceDeep(other), item, walk)) return true;
  }
}

/** Whether an integer is one of a range's items. */
export function inRange(range: RangeValue, item: bigint): boolean {
  const offset = item - range.start;
  return offset % range.step === 0n && offset / range.step >= 0n && offset / range.step < range.length;
}
