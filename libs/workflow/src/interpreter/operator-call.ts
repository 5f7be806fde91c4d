import type { BoundArgument, OperatorCall } from '../ir.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { cursorOf } from './iteration.js';
import { Coroutine, LazyValue, PendingResult, type PendingCall } from './lazy.js';
import type { Machine } from './machine.js';
import type { OperatorArgument, OperatorArguments } from './operator-port.js';
import { resultFieldsOf } from './operator-results.js';
import { seedOf } from './place.js';
import type { Scope } from './scope.js';
import { text } from './text.js';
import {
  DictValue,
  DictView,
  IteratorValue,
  ListValue,
  ObjectValue,
  RangeValue,
  SetValue,
  TupleValue,
  typeName,
  type Value,
} from './values.js';
import { checkNesting } from './walk.js';

/** The evaluated arguments of a call that has not begun. */
export interface PreparedCall {
  readonly call: OperatorCall;
  readonly values: ReadonlyMap<string, Value>;
  readonly constructorValues: ReadonlyMap<string, Value>;
}

/** Evaluates the arguments of an operator call; they may be lazy. */
export function* prepareCall(machine: Machine, scope: Scope, call: OperatorCall): Evaluation<PreparedCall> {
  return {
    call,
    values: yield* evaluateBound(machine, scope, call.arguments),
    constructorValues: yield* evaluateBound(machine, scope, call.constructorArguments),
  };
}

/**
 * Begins an operator call; the operator is asked as soon as what it is given is
 * known. Later changes of a list that was given don't change the call.
 *
 * @param collected whether a failure is a value instead of being raised
 */
export function* beginCall(machine: Machine, prepared: PreparedCall, collected: boolean): Evaluation<Value> {
  const { call } = prepared;
  const values = yield* snapshots(machine, prepared.values);
  const constructorValues = yield* snapshots(machine, prepared.constructorValues);
  machine.meter.step();
  machine.meter.operatorCall();
  const place = machine.claimPlace(call.site);
  const needs = new Set<PendingCall>();
  for (const value of [...values.values(), ...constructorValues.values()]) collectCalls(value, needs);
  const { caller } = machine;
  const seed = seedOf(machine.run.seed, place);
  const pending = machine.calls.start(
    place,
    call.range,
    resultFieldsOf(call.operator),
    [...needs],
    (state, follows) =>
      machine.run.ports.callOperator({
        operator: call.operator,
        arguments: toArguments(machine, values),
        constructorArguments: toArguments(machine, constructorValues),
        place,
        caller,
        follows,
        range: call.range,
        seed,
        signal: state.controller.signal,
      }),
  );
  pending.collected = collected;
  if (machine.run.sequential) yield* machine.calls.await([pending]);
  yield* machine.breathe();
  return new PendingResult(pending);
}

function* evaluateBound(
  machine: Machine,
  scope: Scope,
  bound: readonly BoundArgument[],
): Evaluation<ReadonlyMap<string, Value>> {
  const values = new Map<string, Value>();
  for (const { parameter, value } of bound) values.set(parameter, yield* evaluate(machine, scope, value));
  return values;
}

function* snapshots(
  machine: Machine,
  values: ReadonlyMap<string, Value>,
): Evaluation<ReadonlyMap<string, Value>> {
  const copies = new Map<string, Value>();
  for (const [name, value] of values) copies.set(name, yield* snapshot(machine, value, 0));
  return copies;
}

/** A copy of a value that later changes can't reach; what is lazy in it stays lazy. */
function* snapshot(machine: Machine, value: Value, level: number): Evaluation<Value> {
  if (!(value instanceof ObjectValue)) return value;
  checkNesting(level);
  if (value instanceof Coroutine) return yield* snapshot(machine, yield* value.run(), level);
  if (value instanceof PendingResult && value.call.state !== 'open') {
    return yield* snapshot(machine, yield* machine.force(value), level);
  }
  if (value instanceof ListValue || value instanceof TupleValue) {
    return yield* snapshotItems(machine, value.items, level, value instanceof TupleValue);
  }
  if (value instanceof IteratorValue || value instanceof DictView || value instanceof RangeValue) {
    return yield* snapshotItems(machine, yield* machine.drain(cursorOf(value)), level, false);
  }
  if (value instanceof DictValue) {
    const copy = new DictValue(value.isCounter);
    for (const [hash, entry] of value.entries) {
      copy.entries.set(hash, { key: entry.key, value: yield* snapshot(machine, entry.value, level + 1) });
    }
    return copy;
  }
  return value;
}

function* snapshotItems(
  machine: Machine,
  items: readonly Value[],
  level: number,
  isTuple: boolean,
): Evaluation<Value> {
  machine.meter.collection(items.length);
  const copies: Value[] = [];
  for (const item of items) copies.push(yield* snapshot(machine, item, level + 1));
  return isTuple ? new TupleValue(copies) : new ListValue(copies);
}

/** The calls that a snapshot waits for. */
export function collectCalls(value: Value, into: Set<PendingCall>): void {
  if (value instanceof LazyValue) for (const call of value.calls) into.add(call);
  else if (value instanceof ListValue || value instanceof TupleValue) {
    for (const item of value.items) collectCalls(item, into);
  } else if (value instanceof DictValue) {
    for (const entry of value.entries.values()) collectCalls(entry.value, into);
  }
}

/** Replaces what is lazy in a snapshot, all of whose calls have ended. */
function settleSnapshot(value: Value): Value {
  if (value instanceof LazyValue) return value.readFirst();
  if (value instanceof ListValue) return new ListValue(value.items.map(settleSnapshot));
  if (value instanceof TupleValue) return new TupleValue(value.items.map(settleSnapshot));
  if (value instanceof DictValue) {
    const copy = new DictValue(value.isCounter);
    for (const [hash, { key, value: item }] of value.entries) {
      copy.entries.set(hash, { key, value: settleSnapshot(item) });
    }
    return copy;
  }
  return value;
}

function toArguments(machine: Machine, values: ReadonlyMap<string, Value>): OperatorArguments {
  return new Map(
    Array.from(values, ([name, value]) => {
      const argument = toArgument(settleSnapshot(value));
      machine.meter.string(argument.text.length);
      return [name, argument] as const;
    }),
  );
}

function toArgument(value: Value): OperatorArgument {
  const isPlain = !(value instanceof ObjectValue);
  const items =
    value instanceof ListValue || value instanceof TupleValue
      ? value.items
      : value instanceof SetValue
        ? [...value.items.values()]
        : undefined;
  return {
    text: text(value),
    type: typeName(value),
    value: isPlain ? value : undefined,
    items: items?.map(toArgument),
  };
}
