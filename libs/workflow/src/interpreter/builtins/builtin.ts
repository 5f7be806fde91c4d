import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import type { Machine } from '../machine.js';
import { typeName, type Value } from '../values.js';

/** A function that the language provides. `path` names the call for what it calls in turn. */
export type Builtin = (machine: Machine, args: CallArguments, path: string) => Evaluation<Value>;

/** What a builtin gets to read its arguments from; an argument that was not given is undefined. */
export type Bound = readonly (Value | undefined)[];

/**
 * Sorts the arguments of a call by parameter.
 *
 * @param name function name for error messages
 * @param parameters names in order; those ending in "?" may be left out
 * @throws Raised TypeError as Python does for a call that does not fit
 */
export function bind(name: string, args: CallArguments, parameters: readonly string[]): Bound {
  const required = parameters.filter((parameter) => !parameter.endsWith('?')).length;
  if (args.positional.length > parameters.length) {
    throw raise(
      'TypeError',
      `${name} expected at most ${parameters.length} argument${parameters.length === 1 ? '' : 's'}, got ${args.positional.length}`,
    );
  }
  const bound: (Value | undefined)[] = parameters.map((_, i) => args.positional[i]);
  for (const [key, value] of args.named) {
    const index = parameters.findIndex((parameter) => parameter.replace('?', '') === key);
    if (index < 0) throw raise('TypeError', `${name}() got an unexpected keyword argument '${key}'`);
    if (bound[index] !== undefined)
      throw raise('TypeError', `${name}() got multiple values for argument '${key}'`);
    bound[index] = value;
  }
  for (let i = 0; i < required; i += 1) {
    if (bound[i] === undefined) {
      throw raise(
        'TypeError',
        `${name} expected at least ${required} argument${required === 1 ? '' : 's'}, got ${args.positional.length}`,
      );
    }
  }
  return bound;
}

/** A builtin that only looks at its arguments: they are forced, with everything in them, before it runs. */
export function pure(
  name: string,
  parameters: readonly string[],
  run: (bound: Bound, machine: Machine) => Value,
): Builtin {
  return function* (machine, args) {
    return run(bind(name, yield* forceArguments(machine, args), parameters), machine);
  };
}

/** Forces arguments and everything in them. */
export function* forceArguments(machine: Machine, args: CallArguments): Evaluation<CallArguments> {
  const positional: Value[] = [];
  for (const value of args.positional) positional.push(yield* machine.forceDeep(value));
  const named = new Map<string, Value>();
  for (const [name, value] of args.named) named.set(name, yield* machine.forceDeep(value));
  return { positional, named };
}

/** An argument that must be a string. */
export function stringArgument(value: Value | undefined, name: string): string {
  if (typeof value === 'string') return value;
  throw raise('TypeError', `${name} must be str, not ${typeName(value ?? null)}`);
}

/** An argument that must be an integer. */
export function integerArgument(value: Value | undefined): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  throw raise('TypeError', `'${typeName(value ?? null)}' object cannot be interpreted as an integer`);
}
