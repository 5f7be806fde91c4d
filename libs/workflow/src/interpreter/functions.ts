import type { Argument, FunctionParameter } from '../ir.js';
import { callBuiltin } from './builtins/registry.js';
import { raise } from './errors.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { executeBody } from './execute.js';
import { cursorOf } from './iteration.js';
import type { Machine } from './machine.js';
import { callMethod } from './methods/registry.js';
import { Scope } from './scope.js';
import {
  BoundMethod,
  BuiltinValue,
  DictValue,
  FunctionValue,
  IteratorValue,
  typeName,
  type Value,
} from './values.js';

/** Arguments of a call; values may be lazy. */
export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** Evaluates the arguments of a call from left to right. */
export function* evaluateArguments(
  machine: Machine,
  scope: Scope,
  argumentList: readonly Argument[],
): Evaluation<CallArguments> {
  const positional: Value[] = [];
  const named = new Map<string, Value>();
  for (const { name, value } of argumentList) {
    if (value.kind === 'starred') {
      const items = yield* machine.force(yield* evaluate(machine, scope, value.value));
      if (items instanceof DictValue && name === '**') {
        for (const entry of items.entries.values()) {
          if (typeof entry.key !== 'string') throw raise('TypeError', 'keywords must be strings');
          named.set(entry.key, entry.value);
        }
      } else {
        for (const item of yield* machine.drain(cursorOf(items))) positional.push(item);
      }
      continue;
    }
    const result = yield* evaluate(machine, scope, value);
    // An iterator under a name can be seen to have moved; one made in place can't.
    if (result instanceof IteratorValue && value.kind === 'name') yield* machine.beforeChange();
    if (name === '') positional.push(result);
    else named.set(name, result);
  }
  return { positional, named };
}

/** Evaluates the default values of parameters. */
export function* evaluateDefaults(
  machine: Machine,
  scope: Scope,
  parameters: readonly FunctionParameter[],
): Evaluation<ReadonlyMap<string, Value>> {
  const defaults = new Map<string, Value>();
  for (const { name, defaultValue } of parameters) {
    if (defaultValue !== undefined) defaults.set(name, yield* evaluate(machine, scope, defaultValue));
  }
  return defaults;
}

/**
 * Calls any callable value.
 *
 * @param path where the call stands, as a segment of a place
 * @throws Raised TypeError for what can't be called
 */
export function* callValue(
  machine: Machine,
  callee: Value,
  args: CallArguments,
  path: string,
): Evaluation<Value> {
  const target = yield* machine.force(callee);
  if (target instanceof FunctionValue) return yield* callFunction(machine, target, args, path);
  if (target instanceof BuiltinValue) return yield* callBuiltin(machine, target.name, args, path);
  if (target instanceof BoundMethod)
    return yield* callMethod(machine, target.object, target.name, args, path);
  throw raise('TypeError', `'${typeName(target)}' object is not callable`);
}

/** Calls a function of the program. */
export function* callFunction(
  machine: Machine,
  target: FunctionValue,
  args: CallArguments,
  path: string,
): Evaluation<Value> {
  machine.meter.step();
  machine.meter.enter();
  const { definition } = target;
  const names = definition.parameters.map((parameter) => parameter.name);
  const scope = new Scope(target.scope, new Set('locals' in definition ? definition.locals : names));
  bindParameters(target, args, names, scope);
  const { place: outer, caller } = machine;
  machine.place = `${outer}${path}/`;
  if (path !== '' && 'locals' in definition) machine.caller = { name: target.name, place: `${outer}${path}` };
  yield* machine.breathe();
  const result =
    'locals' in definition
      ? yield* executeBody(machine, scope, definition.body)
      : yield* evaluate(machine, scope, definition.body);
  machine.place = outer;
  machine.caller = caller;
  machine.meter.depth -= 1;
  return result;
}

function bindParameters(
  target: FunctionValue,
  args: CallArguments,
  names: readonly string[],
  scope: Scope,
): void {
  const { positional, named } = args;
  if (positional.length > names.length) {
    throw raise(
      'TypeError',
      `${target.name}() takes ${names.length} positional argument${names.length === 1 ? '' : 's'} but ${positional.length} were given`,
    );
  }
  positional.forEach((value, i) => scope.values.set(names[i] as string, value));
  for (const [name, value] of named) {
    if (!names.includes(name)) {
      throw raise('TypeError', `${target.name}() got an unexpected keyword argument '${name}'`);
    }
    if (scope.values.has(name))
      throw raise('TypeError', `${target.name}() got multiple values for argument '${name}'`);
    scope.values.set(name, value);
  }
  const missing: string[] = [];
  for (const name of names) {
    if (scope.values.has(name)) continue;
    const value = target.defaults.get(name);
    if (value === undefined) missing.push(`'${name}'`);
    else scope.values.set(name, value);
  }
  if (missing.length > 0) {
    const plural = missing.length === 1 ? '' : 's';
    throw raise(
      'TypeError',
      `${target.name}() missing ${missing.length} required positional argument${plural}: ${missing.join(' and ')}`,
    );
  }
}
