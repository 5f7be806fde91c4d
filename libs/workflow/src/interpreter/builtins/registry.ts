import { raise, isExceptionClass } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import type { Machine } from '../machine.js';
import { callMethod } from '../methods/registry.js';
import { REGEX_FLAGS } from '../regex.js';
import { BuiltinValue, type Value } from '../values.js';
import type { Builtin } from './builtin.js';
import { CONVERSIONS } from './convert.js';
import { CORE, makeException } from './core.js';
import { ITERATION } from './iterate.js';
import { JSON_FUNCTIONS } from './json.js';
import { MATH, MATH_CONSTANTS } from './math.js';
import { RANDOM } from './random.js';
import { REGEX } from './regex-functions.js';

const FUNCTIONS: ReadonlyMap<string, Builtin> = new Map([
  ...CORE,
  ...CONVERSIONS,
  ...ITERATION,
  ...MATH,
  ...RANDOM,
  ...JSON_FUNCTIONS,
  ...REGEX,
]);

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([...MATH_CONSTANTS, ...REGEX_FLAGS]);

/** Full names of everything that can be referred to, exceptions aside. */
export const BUILTIN_NAMES: readonly string[] = [...FUNCTIONS.keys(), ...CONSTANTS.keys()];

/** The value of a reference to something that the language provides. */
export function builtinValue(name: string): Value {
  return CONSTANTS.get(name) ?? new BuiltinValue(name);
}

/**
 * Calls a function that the language provides. `str.lower` and its like are
 * methods with the object as first argument.
 */
export function* callBuiltin(
  machine: Machine,
  name: string,
  args: CallArguments,
  path: string,
): Evaluation<Value> {
  const builtin = FUNCTIONS.get(name);
  if (builtin !== undefined) return yield* builtin(machine, args, path);
  if (isExceptionClass(name)) return yield* makeException(name)(machine, args, path);
  const method = /^(?:str|list|dict|set)\.(\w+)$/.exec(name)?.[1];
  const [object, ...positional] = args.positional;
  if (method === undefined || object === undefined) throw raise('TypeError', `'${name}' is not callable`);
  return yield* callMethod(
    machine,
    yield* machine.force(object),
    method,
    { positional, named: args.named },
    path,
  );
}
