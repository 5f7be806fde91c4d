import type { Call, HelperCall } from '../ir.js';
import { truthy } from './compare.js';
import type { Evaluation } from './evaluation.js';
import { evaluateArguments } from './functions.js';
import { Coroutine } from './lazy.js';
import type { Machine } from './machine.js';
import { collectCalls } from './operator-call.js';
import type { PendingCall } from './lazy.js';
import type { Scope } from './scope.js';
import { ListValue, type Value } from './values.js';

/**
 * Evaluates `asyncio.gather(…)`: begins everything it is given, in order, and
 * gives the list of results, each lazy for itself. With `return_exceptions` the
 * failures of operators are values in that list.
 *
 * @returns undefined when the call is no gather
 */
export function* collectResults(
  machine: Machine,
  scope: Scope,
  expression: Call | HelperCall,
): Evaluation<Value | undefined> {
  if (expression.kind !== 'call') return undefined;
  const { function: callee } = expression;
  if (callee.kind !== 'builtin' || callee.name !== 'asyncio.gather') return undefined;
  machine.meter.step();
  const args = yield* evaluateArguments(machine, scope, expression.arguments);
  return yield* gather(machine, args.positional, args.named.get('return_exceptions') ?? false);
}

/**
 * Begins coroutines in order. Functions among them go on at the same time as far
 * as none of them changes what another sees.
 */
export function* gather(
  machine: Machine,
  values: readonly Value[],
  returnExceptions: Value,
): Evaluation<Value> {
  const collected = truthy(yield* machine.force(returnExceptions));
  const joins: PendingCall[] = [];
  const results: Value[] = [];
  for (const value of values) {
    let current = value;
    while (current instanceof Coroutine) current = yield* current.run({ collected, joins });
    if (collected) {
      const calls = new Set<PendingCall>();
      collectCalls(current, calls);
      machine.calls.collect([...calls]);
    }
    results.push(current);
  }
  yield* machine.calls.await(joins);
  return new ListValue(results);
}
