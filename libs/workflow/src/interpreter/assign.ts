import type { Expression } from '../ir.js';
import { raise } from './errors.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { cursorOf, END } from './iteration.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { evaluateSlice } from './slice.js';
import { setItem, setSlice } from './subscript.js';
import { ListValue, typeName, type Value } from './values.js';

/**
 * Assigns a value, which may be lazy, to a target.
 *
 * @throws Raised as Python does
 */
export function* assign(machine: Machine, scope: Scope, target: Expression, value: Value): Evaluation<void> {
  switch (target.kind) {
    case 'name':
      machine.setVariable(scope, target.name, value);
      return;
    case 'selfAttribute':
      // Helpers that go on beside this may read it.
      yield* machine.calls.settle(0);
      machine.run.attributes.set(target.name, value);
      return;
    case 'subscript': {
      const object = yield* machine.force(yield* evaluate(machine, scope, target.object));
      if (target.index.kind === 'slice') {
        const bounds = yield* evaluateSlice(machine, scope, target.index);
        const items = yield* machine.drain(cursorOf(yield* machine.force(value)));
        yield* machine.beforeChange();
        setSlice(machine.meter, object, bounds, items);
        return;
      }
      const index = yield* machine.forceDeep(yield* evaluate(machine, scope, target.index));
      yield* machine.beforeChange();
      setItem(machine.meter, object, index, value);
      return;
    }
    case 'tuple':
    case 'list':
      yield* unpack(machine, scope, target.items, value);
      return;
    default:
      throw raise('TypeError', `cannot assign to ${target.kind}`);
  }
}

function* unpack(
  machine: Machine,
  scope: Scope,
  targets: readonly Expression[],
  value: Value,
): Evaluation<void> {
  const source = yield* machine.force(value);
  const items: Value[] = [];
  const star = targets.findIndex((target) => target.kind === 'starred');
  let cursor;
  try {
    cursor = cursorOf(source);
  } catch {
    throw raise('TypeError', `cannot unpack non-iterable ${typeName(source)} object`);
  }
  for (;;) {
    const item = yield* machine.next(cursor);
    if (item === END) break;
    items.push(item);
    machine.meter.collection(items.length, 1);
    if (star < 0 && items.length > targets.length) {
      throw raise('ValueError', `too many values to unpack (expected ${targets.length})`);
    }
  }
  const least = star < 0 ? targets.length : targets.length - 1;
  if (items.length < least) {
    const wanted = star < 0 ? `expected ${least}` : `expected at least ${least}`;
    throw raise('ValueError', `not enough values to unpack (${wanted}, got ${items.length})`);
  }
  for (const [i, target] of targets.entries()) {
    if (target.kind === 'starred') {
      const taken = items.splice(i, items.length - least);
      yield* assign(machine, scope, target.value, new ListValue(taken));
      items.splice(i, 0, null);
    } else {
      yield* assign(machine, scope, target, items[i] as Value);
    }
  }
}
