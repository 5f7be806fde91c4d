import { forceArguments } from '../builtins/builtin.js';
import { callPatternMethod } from '../builtins/regex-functions.js';
import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import type { Machine } from '../machine.js';
import { DictValue, ListValue, MatchValue, PatternValue, SetValue, typeName, type Value } from '../values.js';
import { DICT_METHODS, COUNTER_METHODS } from './dict.js';
import { LIST_METHODS } from './list.js';
import { MATCH_METHODS } from './match.js';
import { methodNames } from './names.js';
import { callNumberMethod, callSequenceMethod } from './number.js';
import { callSetMethod } from './set.js';
import { STRING_METHODS } from './string.js';
import { join } from './string-join.js';

/**
 * Calls a method of a value that is not lazy.
 *
 * @throws Raised AttributeError for a method that does not exist, and what the method raises
 */
export function* callMethod(
  machine: Machine,
  object: Value,
  name: string,
  args: CallArguments,
  path: string,
): Evaluation<Value> {
  if (!methodNames(object).has(name)) {
    throw raise('AttributeError', `'${typeName(object)}' object has no attribute '${name}'`);
  }
  if (object instanceof ListValue) {
    const method = LIST_METHODS.get(name);
    if (method !== undefined) return yield* method(machine, object, args, path);
  }
  if (object instanceof DictValue) {
    const method = (object.isCounter ? COUNTER_METHODS.get(name) : undefined) ?? DICT_METHODS.get(name);
    if (method !== undefined) return yield* method(machine, object, args);
  }
  if (object instanceof PatternValue) return yield* callPatternMethod(machine, object, name, args, path);
  if (typeof object === 'string' && name === 'join') return yield* join(machine, object, args);
  const forced = yield* forceArguments(machine, args);
  if (typeof object === 'string') {
    const method = STRING_METHODS.get(name);
    if (method !== undefined) return method(machine, object, forced);
  }
  if (object instanceof SetValue) return yield* callSetMethod(machine, object, name, forced);
  if (object instanceof MatchValue) {
    const method = MATCH_METHODS.get(name);
    if (method !== undefined) return method(object, forced);
  }
  if (typeof object === 'bigint' || typeof object === 'number' || typeof object === 'boolean') {
    return callNumberMethod(object, name);
  }
  return yield* callSequenceMethod(machine, object, name, forced);
}
