import type { AugmentedAssign, BinaryOperator } from '../ir.js';
import { assign } from './assign.js';
import { applyBinary, evaluate, evaluateDeep } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { cursorOf } from './iteration.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { evaluateSlice } from './slice.js';
import { getItem, getSlice, setItem, setSlice } from './subscript.js';
import { DictValue, ListValue, SetValue, type Value } from './values.js';

/**
 * Executes `target op= value`. The target's parts are evaluated once, and lists,
 * dicts and sets change in place, as in Python.
 *
 * @throws Raised as Python does
 */
export function* augment(machine: Machine, scope: Scope, statement: AugmentedAssign): Evaluation<void> {
  const { target, operator } = statement;
  if (target.kind !== 'subscript') {
    const left = yield* evaluate(machine, scope, target);
    const right = yield* evaluate(machine, scope, statement.value);
    yield* assign(machine, scope, target, yield* combine(machine, operator, left, right));
    return;
  }
  const object = yield* machine.force(yield* evaluate(machine, scope, target.object));
  if (target.index.kind === 'slice') {
    const bounds = yield* evaluateSlice(machine, scope, target.index);
    const left = getSlice(machine.meter, object, bounds);
    const result = yield* combine(machine, operator, left, yield* evaluate(machine, scope, statement.value));
    const items = yield* machine.drain(cursorOf(result));
    yield* machine.beforeChange();
    setSlice(machine.meter, object, bounds, items);
    return;
  }
  const index = yield* evaluateDeep(machine, scope, target.index);
  const left = getItem(machine.meter, object, index);
  const result = yield* combine(machine, operator, left, yield* evaluate(machine, scope, statement.value));
  yield* machine.beforeChange();
  setItem(machine.meter, object, index, result);
}

function* combine(machine: Machine, operator: BinaryOperator, left: Value, right: Value): Evaluation<Value> {
  const target = yield* machine.force(left);
  if (target instanceof ListValue && operator === '+') {
    const items = yield* machine.drain(cursorOf(yield* machine.force(right)));
    yield* machine.beforeChange();
    machine.meter.collection(target.items.length + items.length, items.length);
    for (const item of items) target.items.push(item);
    return target;
  }
  const result = yield* applyBinary(machine, operator, target, right);
  if (target instanceof ListValue && result instanceof ListValue) {
    yield* machine.beforeChange();
    target.items = result.items;
    return target;
  }
  const changesInPlace =
    (target instanceof DictValue && result instanceof DictValue) ||
    (target instanceof SetValue && result instanceof SetValue && !target.isFrozen);
  if (!changesInPlace) return result;
  yield* machine.beforeChange();
  if (target instanceof DictValue && result instanceof DictValue) replace(target.entries, result.entries);
  else if (target instanceof SetValue && result instanceof SetValue) replace(target.items, result.items);
  return target;
}

function replace<T>(target: Map<string, T>, source: ReadonlyMap<string, T>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}
