import type { Handler, Try } from '../ir.js';
import { isSubclass, Raised } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { executeBlock, type Completion } from './execute.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';

/** Executes a `try` statement. */
export function* executeTry(machine: Machine, scope: Scope, statement: Try): Evaluation<Completion> {
  if (statement.finalizer.length === 0) return yield* handled(machine, scope, statement);
  const outcome = yield* machine.guard(() => handled(machine, scope, statement));
  const completion = yield* executeBlock(machine, scope, statement.finalizer);
  if (completion !== undefined) return completion;
  if (outcome instanceof Raised) throw outcome;
  return outcome.value;
}

function* handled(machine: Machine, scope: Scope, statement: Try): Evaluation<Completion> {
  if (statement.handlers.length === 0) return yield* executeBlock(machine, scope, statement.body);
  const outcome = yield* machine.guard(() => executeBlock(machine, scope, statement.body));
  if (!(outcome instanceof Raised)) {
    if (outcome.value !== undefined) return outcome.value;
    return yield* executeBlock(machine, scope, statement.otherwise);
  }
  const { exception } = outcome;
  const handler = statement.handlers.find(
    ({ types }) => types.length === 0 || types.some((type) => isSubclass(exception.type, type)),
  );
  if (handler === undefined) throw outcome;
  return yield* handle(machine, scope, handler, outcome);
}

function* handle(machine: Machine, scope: Scope, handler: Handler, raised: Raised): Evaluation<Completion> {
  const level = machine.handling.length;
  machine.handling.push(raised.exception);
  if (handler.name !== '') machine.setVariable(scope, handler.name, raised.exception);
  const completion = yield* executeBlock(machine, scope, handler.body);
  if (handler.name !== '') scope.values.delete(handler.name);
  machine.handling.length = level;
  return completion;
}
