import type { BoundArgument, OperatorCall } from '../ir.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { cursorOf } from './iteration.js';
import { Coroutine, LazyValue, PendingResult, PendingText, type PendingCall } from './lazy.js';
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
  const snapshot = new Snapshot(machine);
  const copies = new Map<string, Value>();
  for (const [name, value] of values) copies.set(name, yield* snapshot.of(value, 0));
  return copies;
}

/** Copies values so that later changes can't reach them; what is lazy in them stays lazy. */
class Snapshot {
  /** What stands in several places is copied once: a small list may have more paths through it than anyone can walk. */
  private readonly copies = new Map<ObjectValue, Value>();

  constructor(private readonly machine: Machine) {}

  *of(value: Value, level: number): Evaluation<Value> {
    if (!(value instanceof ObjectValue)) return value;
    const known = this.copies.get(value);
    if (known !== undefined) return known;
    checkNesting(level);
    const copy = yield* this.copy(value, level);
    this.copies.set(value, copy);
    return copy;
  }

  private *copy(value: ObjectValue, level: number): Evaluation<Value> {
    const { machine } = this;
    if (value instanceof Coroutine) return yield* this.of(yield* value.run(), level);
    if (value instanceof PendingResult && value.call.state !== 'open') {
      return yield* this.of(yield* machine.force(value), level);
    }
    if (value instanceof ListValue || value instanceof TupleValue) {
      return yield* this.items(value.items, level, value instanceof TupleValue);
    }
    if (value instanceof IteratorValue || value instanceof DictView || value instanceof RangeValue) {
      return yield* this.items(yield* machine.drain(cursorOf(value)), level, false);
    }
    if (value instanceof DictValue) {
      const copy = new DictValue(value.isCounter);
      for (const [hash, entry] of value.entries) {
        copy.entries.set(hash, { key: entry.key, value: yield* this.of(entry.value, level + 1) });
      }
      return copy;
    }
    return value;
  }

  private *items(items: readonly Value[], level: number, isTuple: boolean): Evaluation<Value> {
    this.machine.meter.collection(items.length);
    const copies: Value[] = [];
    for (const item of items) copies.push(yield* this.of(item, level + 1));
    return isTuple ? new TupleValue(copies) : new ListValue(copies);
  }
}
/** The calls that a snapshot waits for. */
export function collectCalls(
  value: Value,
  into: Set<PendingCall>,
  seen: Set<ObjectValue> = new Set<ObjectValue>(),
): void {
  if (!(value instanceof ObjectValue) || seen.has(value)) return;
  seen.add(value);
  if (value instanceof LazyValue) for (const call of value.calls) into.add(call);
  else if (value instanceof ListValue || value instanceof TupleValue) {
    for (const item of value.items) collectCalls(item, into, seen);
  } else if (value instanceof DictValue) {
    for (const entry of value.entries.values()) collectCalls(entry.value, into, seen);
  }
}

/** Replaces what is lazy in a snapshot, all of whose calls have ended. */
function settleSnapshot(machine: Machine, value: Value, settled = new Map<ObjectValue, Value>()): Value {
  if (!(value instanceof ObjectValue)) return value;
  const known = settled.get(value);
  if (known !== undefined) return known;
  const result = settledCopy(machine, value, settled);
  settled.set(value, result);
  return result;
}

function settledCopy(machine: Machine, value: ObjectValue, settled: Map<ObjectValue, Value>): Value {
  const settle = (item: Value): Value => settleSnapshot(machine, item, settled);
  if (value instanceof PendingText) machine.meter.string(value.length);
  if (value instanceof LazyValue) return value.readFirst();
  if (value instanceof ListValue) return new ListValue(value.items.map(settle));
  if (value instanceof TupleValue) return new TupleValue(value.items.map(settle));
  if (value instanceof DictValue) {
    const copy = new DictValue(value.isCounter);
    for (const [hash, { key, value: item }] of value.entries) {
      copy.entries.set(hash, { key, value: settle(item) });
    }
    return copy;
  }
  return value;
}

function toArguments(machine: Machine, values: ReadonlyMap<string, Value>): OperatorArguments {
  return new Map(
    Array.from(values, ([name, value]) => {
      const argument = toArgument(settleSnapshot(machine, value));
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
  let asArguments: readonly OperatorArgument[] | undefined;
  return {
    text: text(value),
    type: typeName(value),
    value: isPlain ? value : undefined,
    // Only made when asked for: the items of items of … may be very many.
    get items() {
      return (asArguments ??= items?.map(toArgument));
    },
  };
}
