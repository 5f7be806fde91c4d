import type { Assign, AugmentedAssign, Expression, For, Raise, Statement, While } from '../ir.js';
import { assign } from './assign.js';
import { augment } from './augment.js';
import { raise, Raised } from './errors.js';
import { evaluate, evaluateTest } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { evaluateDefaults } from './functions.js';
import { cursorOf, END } from './iteration.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { executeTry } from './try.js';
import { BuiltinValue, ExceptionValue, FunctionValue, IteratorValue, type Value } from './values.js';
import { canonicalException, isExceptionClass } from './errors.js';

/** A `return` on its way out of a function; the value may be lazy. */
export class Returned {
  constructor(readonly value: Value) {}
}

/** How a block ended: by itself, or by what leaves it. */
export type Completion = undefined | 'break' | 'continue' | Returned;

/** Executes the body of a function and gives what it returns. */
export function* executeBody(machine: Machine, scope: Scope, body: readonly Statement[]): Evaluation<Value> {
  const completion = yield* executeBlock(machine, scope, body);
  return completion instanceof Returned ? completion.value : null;
}

/** Executes statements in order. */
export function* executeBlock(
  machine: Machine,
  scope: Scope,
  statements: readonly Statement[],
): Evaluation<Completion> {
  for (const statement of statements) {
    machine.meter.step();
    machine.range = statement.range;
    try {
      const completion = yield* execute(machine, scope, statement);
      if (completion !== undefined) return completion;
    } catch (error) {
      if (error instanceof Raised) error.range ??= statement.range;
      throw error;
    }
    yield* machine.breathe();
  }
  return undefined;
}

function* execute(machine: Machine, scope: Scope, statement: Statement): Evaluation<Completion> {
  switch (statement.kind) {
    case 'assign':
      yield* assignAll(machine, scope, statement);
      return undefined;
    case 'augmentedAssign':
      yield* augment(machine, scope, statement satisfies AugmentedAssign);
      return undefined;
    case 'expression':
      yield* runForEffect(machine, scope, statement.value);
      return undefined;
    case 'if':
      return yield* executeBlock(
        machine,
        scope,
        (yield* evaluateTest(machine, scope, statement.test)) ? statement.body : statement.otherwise,
      );
    case 'for':
      return yield* executeFor(machine, scope, statement);
    case 'while':
      return yield* executeWhile(machine, scope, statement);
    case 'break':
    case 'continue':
      return statement.kind;
    case 'pass':
      return undefined;
    case 'return':
      return new Returned(
        statement.value === undefined ? null : yield* evaluate(machine, scope, statement.value),
      );
    case 'raise':
      return yield* executeRaise(machine, scope, statement);
    case 'try':
      return yield* executeTry(machine, scope, statement);
    case 'functionDefinition': {
      const defaults = yield* evaluateDefaults(machine, scope, statement.parameters);
      machine.setVariable(
        scope,
        statement.name,
        new FunctionValue(statement.name, statement, scope, defaults),
      );
      return undefined;
    }
  }
}

function* assignAll(machine: Machine, scope: Scope, { targets, value }: Assign): Evaluation<void> {
  const result = yield* evaluate(machine, scope, value);
  for (const target of targets) yield* assign(machine, scope, target, result);
}

/** An operator call whose result nobody takes is made all the same. */
function* runForEffect(machine: Machine, scope: Scope, expression: Expression): Evaluation<void> {
  if (expression.kind === 'operatorCall') {
    yield* evaluate(machine, scope, { kind: 'await', value: expression, range: expression.range });
  } else yield* evaluate(machine, scope, expression);
}

function* executeFor(machine: Machine, scope: Scope, loop: For): Evaluation<Completion> {
  const home = machine.place;
  const iterable = yield* machine.force(yield* evaluate(machine, scope, loop.iterable));
  const cursor = cursorOf(iterable);
  const isShared = iterable instanceof IteratorValue && loop.iterable.kind === 'name';
  for (let turn = 0; ; turn += 1) {
    machine.meter.step();
    machine.place = home;
    if (isShared) yield* machine.beforeChange();
    const item = yield* machine.next(cursor);
    if (item === END) break;
    machine.place = `${home}${loop.site}:${turn}/`;
    yield* assign(machine, scope, loop.target, item);
    const completion = yield* executeBlock(machine, scope, loop.body);
    machine.place = home;
    if (completion === 'break') return undefined;
    if (completion instanceof Returned) return completion;
    yield* machine.breathe();
  }
  return yield* executeBlock(machine, scope, loop.otherwise);
}

function* executeWhile(machine: Machine, scope: Scope, loop: While): Evaluation<Completion> {
  const home = machine.place;
  for (let turn = 0; ; turn += 1) {
    machine.meter.step();
    machine.place = `${home}${loop.site}:${turn}/`;
    if (!(yield* evaluateTest(machine, scope, loop.test))) break;
    const completion = yield* executeBlock(machine, scope, loop.body);
    if (completion === 'break' || completion instanceof Returned) {
      machine.place = home;
      return completion === 'break' ? undefined : completion;
    }
    yield* machine.breathe();
  }
  machine.place = home;
  return yield* executeBlock(machine, scope, loop.otherwise);
}

function* executeRaise(machine: Machine, scope: Scope, statement: Raise): Evaluation<never> {
  if (statement.exception === undefined) {
    const current = machine.handling.at(-1);
    throw current === undefined
      ? raise('RuntimeError', 'No active exception to reraise')
      : new Raised(current);
  }
  const value = yield* machine.force(yield* evaluate(machine, scope, statement.exception));
  if (value instanceof ExceptionValue) throw new Raised(value);
  if (value instanceof BuiltinValue && isExceptionClass(value.name)) {
    throw new Raised(new ExceptionValue(canonicalException(value.name), []));
  }
  throw raise('TypeError', 'exceptions must derive from BaseException');
}
