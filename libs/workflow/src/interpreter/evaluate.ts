import type { Comparison, Expression, Lambda, OperatorCall, Subscript, UsageRead } from '../ir.js';
import { USAGE_FIELDS } from '../ir.js';
import { binary, unary } from './arithmetic.js';
import { getAttribute } from './attributes.js';
import { builtinValue } from './builtins/registry.js';
import { callAsync } from './helper-call.js';
import { callValue, evaluateArguments, evaluateDefaults } from './functions.js';
import { dictOf, equals, hashKey, isSame, order, setEntry, truthy, type OrderOperator } from './compare.js';
import { comprehend } from './comprehension.js';
import { contains } from './contains.js';
import { raise } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { formatted } from './formatted.js';
import { collectResults } from './gather.js';
import { cursorOf } from './iteration.js';
import { Coroutine, PendingField, PendingResult, type BeginOptions } from './lazy.js';
import type { Machine } from './machine.js';
import { hasMethod } from './methods/names.js';
import { callMethod } from './methods/registry.js';
import { beginCall, prepareCall } from './operator-call.js';
import { EMPTY_SCOPE, Scope } from './scope.js';
import { evaluateSlice } from './slice.js';
import { getItem, getSlice } from './subscript.js';
import { DictValue, FunctionValue, ListValue, SetValue, TupleValue, typeName, type Value } from './values.js';

/**
 * Evaluates an expression. The value may be lazy; parts of it may be.
 *
 * @throws Raised, CallFailed or Stop
 */
export function* evaluate(machine: Machine, scope: Scope, expression: Expression): Evaluation<Value> {
  switch (expression.kind) {
    case 'none':
      return null;
    case 'bool':
    case 'float':
    case 'string':
      return expression.value;
    case 'int':
      return BigInt(expression.digits);
    case 'name':
      return readName(scope, expression.name);
    case 'builtin':
      return builtinValue(expression.name);
    case 'selfAttribute':
      return readSelf(machine, expression.name);
    case 'prompt':
      return readPrompt(machine, expression.name);
    default: {
      machine.meter.enter();
      const value = yield* composite(machine, scope, expression);
      machine.meter.depth -= 1;
      return value;
    }
  }
}

/** Evaluates an expression whose value is used: it and nothing in it is lazy. */
export function* evaluateDeep(machine: Machine, scope: Scope, expression: Expression): Evaluation<Value> {
  return yield* machine.forceDeep(yield* evaluate(machine, scope, expression));
}

/** Evaluates a condition. */
export function* evaluateTest(machine: Machine, scope: Scope, expression: Expression): Evaluation<boolean> {
  return truthy(yield* machine.force(yield* evaluate(machine, scope, expression)));
}

type Leaf = 'none' | 'bool' | 'float' | 'string' | 'int' | 'name' | 'builtin' | 'selfAttribute' | 'prompt';

function* composite(
  machine: Machine,
  scope: Scope,
  expression: Exclude<Expression, { kind: Leaf }>,
): Evaluation<Value> {
  switch (expression.kind) {
    case 'formatted':
      return yield* formatted(machine, scope, expression.parts);
    case 'usage':
      return yield* readUsage(machine, expression);
    case 'attribute':
      return getAttribute(
        yield* machine.force(yield* evaluate(machine, scope, expression.object)),
        expression.name,
      );
    case 'subscript':
      return yield* subscript(machine, scope, expression);
    case 'operatorCall':
      return yield* operatorCoroutine(machine, scope, expression);
    case 'helperCall':
    case 'methodCall':
    case 'call':
      return yield* call(machine, scope, expression, false);
    case 'await':
      return yield* awaited(machine, scope, expression.value);
    case 'unary':
      if (expression.operator === 'not') return !(yield* evaluateTest(machine, scope, expression.operand));
      return unary(
        expression.operator,
        yield* machine.force(yield* evaluate(machine, scope, expression.operand)),
      );
    case 'binary': {
      const left = yield* evaluate(machine, scope, expression.left);
      const right = yield* evaluate(machine, scope, expression.right);
      return yield* applyBinary(machine, expression.operator, left, right);
    }
    case 'boolean':
      return yield* booleanChain(machine, scope, expression.operator, expression.operands);
    case 'comparison':
      return yield* comparison(machine, scope, expression);
    case 'conditional':
      return yield* evaluate(
        machine,
        scope,
        (yield* evaluateTest(machine, scope, expression.test)) ? expression.then : expression.otherwise,
      );
    case 'list':
      return new ListValue(yield* items(machine, scope, expression.items));
    case 'tuple':
      return new TupleValue(yield* items(machine, scope, expression.items));
    case 'set':
      return setOf(yield* items(machine, scope, expression.items, true));
    case 'dict':
      return yield* dict(machine, scope, expression.entries);
    case 'comprehension':
      return yield* comprehend(machine, scope, expression);
    case 'lambda':
      return yield* lambda(machine, scope, expression);
    case 'named': {
      const value = yield* evaluate(machine, scope, expression.value);
      machine.setVariable(scope.functionScope, expression.name, value);
      return value;
    }
    case 'slice':
    case 'starred':
      throw raise('TypeError', `a ${expression.kind} can't stand here`);
  }
}

/** Applies a binary operator to values that may be lazy. */
export function* applyBinary(
  machine: Machine,
  operator: Parameters<typeof binary>[1],
  left: Value,
  right: Value,
): Evaluation<Value> {
  // Only "%" looks into collections; the others move items as they are.
  if (operator === '%') {
    return binary(machine.meter, operator, yield* machine.forceDeep(left), yield* machine.forceDeep(right));
  }
  const a = yield* machine.force(left);
  return binary(machine.meter, operator, a, yield* machine.force(right));
}

function readName(scope: Scope, name: string): Value {
  const home = scope.find(name);
  const value = home?.values.get(name);
  if (value !== undefined) return value;
  if (home === undefined) throw raise('NameError', `name '${name}' is not defined`);
  throw raise(
    'UnboundLocalError',
    `cannot access local variable '${name}' where it is not associated with a value`,
  );
}

function readSelf(machine: Machine, name: string): Value {
  const value = machine.run.attributes.get(name);
  if (value === undefined) {
    throw raise('AttributeError', `'${machine.run.program.className}' object has no attribute '${name}'`);
  }
  return value;
}

function readPrompt(machine: Machine, name: string): Value {
  const prompt = machine.run.prompts.get(name);
  if (prompt === undefined)
    throw raise('AttributeError', `module 'prompt_custom' has no attribute '${name}'`);
  return prompt;
}

function* readUsage(machine: Machine, { field }: UsageRead): Evaluation<Value> {
  yield* machine.calls.settle(0);
  const given = machine.run.ports.usage();
  const usage = { ...given, total_tokens: given.total_input_tokens + given.total_output_tokens };
  const values = new Map<string, Value>(
    USAGE_FIELDS.map((name) => [name, name === 'total_cost' ? usage[name] : BigInt(usage[name])]),
  );
  return field === '' ? dictOf(values) : (values.get(field) ?? null);
}

function* subscript(machine: Machine, scope: Scope, expression: Subscript): Evaluation<Value> {
  const object = yield* evaluate(machine, scope, expression.object);
  const { index } = expression;
  if (index.kind === 'slice') {
    const value = yield* machine.force(object);
    return getSlice(machine.meter, value, yield* evaluateSlice(machine, scope, index));
  }
  if (
    index.kind === 'string' &&
    object instanceof PendingResult &&
    object.call.state === 'open' &&
    !object.call.collected &&
    object.call.resultFields.has(index.value)
  ) {
    return new PendingField(object.call, index.value);
  }
  const value = yield* machine.force(object);
  return getItem(machine.meter, value, yield* evaluateDeep(machine, scope, index));
}

/** Evaluates a call; `ready` when an `await` stands before it. */
function* call(
  machine: Machine,
  scope: Scope,
  expression: Extract<Expression, { kind: 'helperCall' | 'methodCall' | 'call' }>,
  ready: boolean,
): Evaluation<Value> {
  machine.meter.step();
  const path = String(expression.site);
  if (expression.kind === 'methodCall') {
    const object = yield* machine.force(yield* evaluate(machine, scope, expression.object));
    if (!hasMethod(object, expression.method)) {
      throw raise('AttributeError', `'${typeName(object)}' object has no attribute '${expression.method}'`);
    }
    const args = yield* evaluateArguments(machine, scope, expression.arguments);
    return yield* callMethod(machine, object, expression.method, args, path);
  }
  const callee =
    expression.kind === 'call'
      ? yield* machine.force(yield* evaluate(machine, scope, expression.function))
      : yield* helper(machine, expression.method);
  const args = yield* evaluateArguments(machine, scope, expression.arguments);
  if (!(callee instanceof FunctionValue && 'isAsync' in callee.definition && callee.definition.isAsync)) {
    return yield* callValue(machine, callee, args, path);
  }
  if (ready) return yield* callAsync(machine, callee, args, path, { collected: false, joins: undefined });
  const holds = [callee, ...args.positional, ...args.named.values()];
  return coroutine(machine, holds, (options) => callAsync(machine, callee, args, path, options));
}

function* operatorCoroutine(machine: Machine, scope: Scope, expression: OperatorCall): Evaluation<Value> {
  const prepared = yield* prepareCall(machine, scope, expression);
  const holds = [...prepared.values.values(), ...prepared.constructorValues.values()];
  return coroutine(machine, holds, ({ collected }) => beginCall(machine, prepared, collected));
}

/** A coroutine that runs in the place where it was made. */
function coroutine(
  machine: Machine,
  holds: readonly Value[],
  begin: (options: BeginOptions) => Evaluation<Value>,
): Coroutine {
  const home = machine.place;
  return new Coroutine(function* (options) {
    const outer = machine.place;
    machine.place = home;
    const value = yield* begin(options);
    machine.place = outer;
    return value;
  }, holds);
}

function* helper(machine: Machine, name: string): Evaluation<Value> {
  const definition = machine.run.methods.get(name);
  if (definition === undefined) {
    throw raise('AttributeError', `'${machine.run.program.className}' object has no attribute '${name}'`);
  }
  return new FunctionValue(
    name,
    definition,
    EMPTY_SCOPE,
    yield* evaluateDefaults(machine, new Scope(undefined, new Set()), definition.parameters),
  );
}

function* awaited(machine: Machine, scope: Scope, expression: Expression): Evaluation<Value> {
  if (expression.kind === 'operatorCall') {
    return yield* beginCall(machine, yield* prepareCall(machine, scope, expression), false);
  }
  if (expression.kind === 'call' || expression.kind === 'helperCall') {
    const gathered = yield* collectResults(machine, scope, expression);
    if (gathered !== undefined) return gathered;
    return yield* resolve(yield* call(machine, scope, expression, true));
  }
  return yield* resolve(yield* evaluate(machine, scope, expression));
}

/** Begins a coroutine; its value may be lazy. */
function* resolve(value: Value): Evaluation<Value> {
  let current = value;
  while (current instanceof Coroutine) current = yield* current.run();
  return current;
}

function* booleanChain(
  machine: Machine,
  scope: Scope,
  operator: 'and' | 'or',
  operands: readonly Expression[],
): Evaluation<Value> {
  let value: Value = null;
  for (const [i, operand] of operands.entries()) {
    value = yield* evaluate(machine, scope, operand);
    if (i === operands.length - 1) break;
    value = yield* machine.force(value);
    if (truthy(value) === (operator === 'or')) break;
  }
  return value;
}

function* comparison(machine: Machine, scope: Scope, expression: Comparison): Evaluation<Value> {
  let left = yield* evaluateDeep(machine, scope, expression.left);
  for (const { operator, right: operand } of expression.steps) {
    const right = yield* evaluateDeep(machine, scope, operand);
    if (!(yield* compare(machine, operator, left, right))) return false;
    left = right;
  }
  return true;
}

function* compare(
  machine: Machine,
  operator: Comparison['steps'][number]['operator'],
  left: Value,
  right: Value,
): Evaluation<boolean> {
  switch (operator) {
    case '==':
      return equals(left, right, machine.meter.walk());
    case '!=':
      return !equals(left, right, machine.meter.walk());
    case 'is':
      return isSame(left, right);
    case 'is not':
      return !isSame(left, right);
    case 'in':
      return yield* contains(machine, right, left);
    case 'not in':
      return !(yield* contains(machine, right, left));
    default:
      return order(operator satisfies OrderOperator, left, right, machine.meter.walk());
  }
}

function* items(
  machine: Machine,
  scope: Scope,
  expressions: readonly Expression[],
  deep = false,
): Evaluation<Value[]> {
  const result: Value[] = [];
  for (const expression of expressions) {
    if (expression.kind === 'starred') {
      const value = yield* machine.force(yield* evaluate(machine, scope, expression.value));
      for (const item of yield* machine.drain(cursorOf(value)))
        result.push(deep ? yield* machine.forceDeep(item) : item);
    } else {
      const item = yield* evaluate(machine, scope, expression);
      result.push(deep ? yield* machine.forceDeep(item) : item);
    }
  }
  machine.meter.collection(result.length);
  return result;
}

function setOf(values: readonly Value[]): SetValue {
  const set = new SetValue();
  for (const value of values) {
    const hash = hashKey(value);
    if (!set.items.has(hash)) set.items.set(hash, value);
  }
  return set;
}

function* dict(
  machine: Machine,
  scope: Scope,
  entries: Extract<Expression, { kind: 'dict' }>['entries'],
): Evaluation<Value> {
  const result = new DictValue();
  for (const { key, value } of entries) {
    if (key !== undefined) {
      const name = yield* evaluateDeep(machine, scope, key);
      setEntry(result, name, yield* evaluate(machine, scope, value));
      continue;
    }
    const merged = yield* machine.force(yield* evaluate(machine, scope, value));
    if (!(merged instanceof DictValue)) throw raise('TypeError', 'the value after ** is not a mapping');
    for (const entry of merged.entries.values()) setEntry(result, entry.key, entry.value);
  }
  machine.meter.collection(result.entries.size);
  return result;
}

function* lambda(machine: Machine, scope: Scope, expression: Lambda): Evaluation<Value> {
  const defaults = yield* evaluateDefaults(machine, scope, expression.parameters);
  return new FunctionValue('<lambda>', expression, scope, defaults);
}
