import type { Argument, Expression, OperatorCall } from '../ir.js';
import { OPERATORS } from '../operators.js';
import type { LiteralArguments } from '../operators.js';
import { childExpressions } from '../walk.js';
import { METHODS } from '../check/builtins.js';
import { callFunction } from './call-function.js';
import { evaluateComprehension } from './comprehension.js';
import { changeInside, escape, mayChangeParameters, stored } from './escape.js';
import type { Flow, Frame } from './flow.js';
import { compareNumbers, computeNumber, rangeList } from './numbers.js';
import type { State } from './state.js';
import { joinStates } from './state.js';
import type { AbstractValue, Interval, Shape } from './values.js';
import {
  ANY_LENGTH,
  UNKNOWN,
  exactly,
  joinElements,
  joinValues,
  later,
  madeFrom,
  plain,
  plus,
  truth,
} from './values.js';

/** Where an expression is evaluated. */
export interface Here {
  readonly flow: Flow;
  readonly frame: Frame;
  readonly state: State;
}

/** Evaluates an expression abstractly; calls add to the state's work. */
export function evaluate(here: Here, node: Expression): AbstractValue {
  here.flow.step();
  switch (node.kind) {
    case 'none':
      return plain({ kind: 'none' });
    case 'bool':
      return plain({ kind: 'bool', value: node.value });
    case 'int':
      return plain({ kind: 'number', value: exactly(Number(node.digits)) });
    case 'float':
      return plain({ kind: 'number', value: exactly(node.value) });
    case 'string':
    case 'prompt':
      return plain({ kind: 'string' });
    case 'name':
      return readName(here, node);
    case 'selfAttribute':
      return readAttribute(here, node.name);
    case 'await':
      return evaluate(here, node.value);
    case 'usage':
      here.state.mayWaitForAll();
      return madeFrom({ kind: 'unknown' }, []);
    case 'operatorCall':
      return callOperator(here, node);
    case 'helperCall': {
      const method = here.flow.program.methods.find((candidate) => candidate.name === node.method);
      const args = node.arguments.map((argument) => evaluate(here, argument.value));
      if (!method) return madeFrom({ kind: 'unknown' }, args);
      const result = callFunction(here, method, node.arguments, args, undefined);
      if (mayChangeParameters(method)) {
        for (const argument of node.arguments) escape(here, argument.value);
        // What it changes is changed for whatever follows, so that has to wait for it.
        here.state.mayWaitForAll();
      }
      return result;
    }
    case 'call':
      return call(here, node);
    case 'methodCall':
      return callMethod(here, node);
    case 'subscript':
      return readItem(here, node);
    case 'formatted': {
      const parts = childExpressions(node).map((child) => {
        const value = evaluate(here, child);
        noteText(here, child, value);
        return value;
      });
      const isPlain = node.parts.every((part) => part.conversion === '' && part.spec.length === 0);
      for (const part of parts) if (!isPlain || part.shape.kind !== 'string') here.state.mayWaitFor(part);
      return madeFrom({ kind: 'string' }, parts);
    }
    case 'binary':
      return binary(here, node);
    case 'unary': {
      const value = evaluate(here, node.operand);
      here.state.mayWaitFor(value);
      const known = truth(value);
      if (node.operator === 'not')
        return madeFrom({ kind: 'bool', value: known === undefined ? undefined : !known }, [value]);
      return madeFrom(computeNumber('-', plain({ kind: 'number', value: exactly(0) }), value), [value]);
    }
    case 'boolean':
      return boolean(here, node.operator, node.operands);
    case 'comparison':
      return comparison(here, node);
    case 'conditional':
      return conditional(here, node);
    case 'list':
      return listDisplay(here, node.items);
    case 'set': {
      const set = listDisplay(here, node.items);
      here.state.mayWaitFor(set);
      return set;
    }
    case 'tuple': {
      const items = node.items.map((item) => stored(here, item, evaluate(here, item)));
      if (node.items.some((item) => item.kind === 'starred')) return madeFrom({ kind: 'unknown' }, items);
      return madeFrom({ kind: 'tuple', items }, items);
    }
    case 'comprehension':
      return evaluateComprehension(here, node);
    case 'lambda':
      return plain({ kind: 'function', node });
    case 'named': {
      const value = evaluate(here, node.value);
      here.state.set(node.name, value);
      return value;
    }
    default: {
      const parts = childExpressions(node).map((child) => stored(here, child, evaluate(here, child)));
      if (node.kind !== 'dict') here.state.mayWaitFor(...parts);
      else for (const [i, part] of parts.entries()) if (i % 2 === 0) here.state.mayWaitFor(part);
      return madeFrom({ kind: node.kind === 'dict' ? 'other' : 'unknown' }, parts);
    }
  }
}

function readName(here: Here, node: Extract<Expression, { kind: 'name' }>): AbstractValue {
  const found = here.state.variables.get(node.name);
  if (found) {
    if (!found.certain && here.frame.node?.locals.includes(node.name)) {
      here.flow.diagnostics.add(
        'FW208',
        node.range,
        `"${node.name}" is not assigned on every way to here; give it a value before the branch`,
      );
    }
    return found.value.shape.kind === 'unknown' && found.value.dependent
      ? { ...found.value, wait: sinceAnyCall(here) }
      : found.value;
  }
  for (let outer = here.frame.outer; outer; outer = outer.frame.outer) {
    const variable = outer.state.variables.get(node.name);
    if (variable) return variable.value;
  }
  if (here.frame.node?.locals.includes(node.name)) {
    here.flow.diagnostics.add(
      'FW207',
      node.range,
      `"${node.name}" is used before it is assigned; assign it first`,
    );
  }
  return UNKNOWN;
}

/** What is not followed may hold the result of any call before it. */
function sinceAnyCall(here: Here): Interval {
  return { least: 0, greatest: here.state.work.chain.greatest };
}

/** What methods may set to anything, also to what an operator answered. */
const CHANGEABLE: AbstractValue = { ...UNKNOWN, dependent: true };
const CONSTANT_SHAPES = new Set(['none', 'bool', 'number', 'string']);

/** An attribute that only `__init__` sets keeps its value. */
function readAttribute(here: Here, name: string): AbstractValue {
  const binding = here.flow.program.attributes.find((attribute) => attribute.attribute === name);
  const changeable = { ...CHANGEABLE, wait: sinceAnyCall(here) };
  if (here.flow.assignedAttributes.has(name)) return changeable;
  if (!binding) return UNKNOWN;
  const value = evaluate(here, binding.value);
  // A list or dict may have been changed since.
  return CONSTANT_SHAPES.has(value.shape.kind) ? value : changeable;
}

function callOperator(here: Here, node: OperatorCall): AbstractValue {
  const signature = OPERATORS.get(node.operator);
  const args = node.arguments.map((argument) => {
    const value = evaluate(here, argument.value);
    const type = signature?.parameters.find((parameter) => parameter.name === argument.parameter)?.type;
    if (type === 'string') noteText(here, argument.value, value);
    if (type === 'list') noteTexts(here, argument.value, value);
    return value;
  });
  if (!signature) return madeFrom({ kind: 'unknown' }, args);
  const counts = signature.modelCalls(literals(node));
  const { state } = here;
  const start = later(madeFrom({ kind: 'unknown' }, args).wait, state.control);
  const chain = { least: Math.min(counts.least, counts.chain), greatest: counts.chain };
  const wait = plus(start, chain);
  state.work = {
    operatorCalls: plus(state.work.operatorCalls, exactly(1)),
    modelCalls: plus(state.work.modelCalls, { least: counts.least, greatest: counts.greatest }),
    chain: later(state.work.chain, wait),
  };
  return { shape: { kind: 'result', operator: node.operator, most: counts.greatest }, dependent: true, wait };
}

function literals(node: OperatorCall): LiteralArguments {
  const known: Record<string, number | string | undefined> = {};
  for (const argument of [...node.constructorArguments, ...node.arguments]) {
    const { value } = argument;
    known[argument.parameter] =
      value.kind === 'int' ? Number(value.digits) : value.kind === 'string' ? value.value : undefined;
  }
  return known;
}

/** Where a text is meant, the result of an operator stands for its main field. */
export function noteText(here: Here, node: Expression, value: AbstractValue): void {
  const field = textField(value.shape);
  here.flow.noteMend(node, field === undefined ? undefined : { kind: 'field', field });
}

function noteTexts(here: Here, node: Expression, value: AbstractValue): void {
  const element = value.shape.kind === 'list' ? value.shape.element : undefined;
  const field = element && textField(element.shape);
  if (node.kind !== 'list')
    here.flow.noteMend(node, field === undefined ? undefined : { kind: 'fields', field });
  // Items that differ in kind have no shape in common.
  else if (element) for (const item of node.items) noteText(here, item, element);
}

/** The field that is meant where the value stands for a text. */
function textField(shape: Shape): string | undefined {
  return shape.kind === 'result' ? OPERATORS.get(shape.operator)?.mainField : undefined;
}

function call(here: Here, node: Extract<Expression, { kind: 'call' }>): AbstractValue {
  const callee = evaluate(here, node.function);
  const isGather = node.function.kind === 'builtin' && node.function.name === 'asyncio.gather';
  here.flow.gathers += isGather ? 1 : 0;
  const args = node.arguments.map((argument) => evaluate(here, argument.value));
  here.flow.gathers -= isGather ? 1 : 0;
  if (callee.shape.kind === 'function') {
    const result = callFunction(here, callee.shape.node, node.arguments, args, here);
    if (mayChangeParameters(callee.shape.node)) {
      for (const argument of node.arguments) escape(here, argument.value);
      here.state.mayWaitForAll();
    }
    return result;
  }
  here.state.mayWaitFor(callee, ...args);
  passedFunctions(here, node.arguments, args);
  if (node.function.kind !== 'builtin') return madeFrom({ kind: 'unknown' }, [callee, ...args]);
  return callBuiltin(here, node.function.name, node.arguments, args);
}

/** A function handed to a builtin may be called any number of times. */
function passedFunctions(here: Here, args: readonly Argument[], values: readonly AbstractValue[]): void {
  values.forEach((value, index) => {
    const node = args[index]?.value;
    // A method such as `xs.append` may change what it belongs to.
    if (node?.kind === 'attribute') escape(here, node.object);
    if (value.shape.kind !== 'function' || !node) return;
    const before = here.state.clone();
    const parameters = value.shape.node.parameters.map(() => madeFrom({ kind: 'unknown' }, values));
    const made = parameters.map((): Argument => ({ range: node.range, name: '', value: node }));
    callFunction(here, value.shape.node, made, parameters, here);
    const calls = here.state.work.operatorCalls.greatest > before.work.operatorCalls.greatest;
    here.state.work = calls ? unbounded(before.work) : before.work;
  });
}

/** Work whose greatest is not known any more. */
export function unbounded(work: State['work']): State['work'] {
  return {
    operatorCalls: { ...work.operatorCalls, greatest: Infinity },
    modelCalls: { ...work.modelCalls, greatest: Infinity },
    chain: { ...work.chain, greatest: Infinity },
  };
}

const STRING_BUILTINS = new Set([
  'str',
  'repr',
  'chr',
  'format',
  'ascii',
  'json.dumps',
  're.sub',
  're.escape',
]);

function callBuiltin(
  here: Here,
  name: string,
  args: readonly Argument[],
  values: readonly AbstractValue[],
): AbstractValue {
  const [first] = values;
  if (STRING_BUILTINS.has(name)) {
    const [text] = args;
    if (name === 'str' && text && first) noteText(here, text.value, first);
    return madeFrom({ kind: 'string' }, values);
  }
  if (name === 'range') return madeFrom(rangeList(values), values);
  const list = first?.shape.kind === 'list' ? first.shape : undefined;
  if (name === 'len' && list) {
    const length = madeFrom({ kind: 'number', value: list.length }, values);
    // The items of a list need not be there for it to have a length.
    return { ...length, wait: { least: 0, greatest: length.wait.greatest } };
  }
  if (list && ['list', 'tuple', 'sorted', 'reversed'].includes(name)) return madeFrom(list, values);
  if (name === 'list' && values.length === 0)
    return plain({ kind: 'list', element: undefined, length: exactly(0) });
  if (list && name === 'enumerate') {
    const index = plain({ kind: 'unknown' });
    const element = plain({ kind: 'tuple', items: [index, list.element ?? UNKNOWN] });
    return madeFrom({ kind: 'list', element, length: list.length }, values);
  }
  if (name === 'zip' && values.every((value) => value.shape.kind === 'list')) {
    const lists = values.map((value) => (value.shape.kind === 'list' ? value.shape : undefined));
    const length = {
      least: Math.min(...lists.map((item) => item?.length.least ?? 0)),
      greatest: Math.min(...lists.map((item) => item?.length.greatest ?? Infinity)),
    };
    const element = plain({ kind: 'tuple', items: lists.map((item) => item?.element ?? UNKNOWN) });
    return madeFrom({ kind: 'list', element, length }, values);
  }
  if (name === 'asyncio.gather') return gather(args, values);
  return madeFrom({ kind: 'unknown' }, values);
}

function gather(args: readonly Argument[], values: readonly AbstractValue[]): AbstractValue {
  const [only] = values;
  if (only && values.length === 1 && args[0]?.value.kind === 'starred') {
    return only.shape.kind === 'list' ? only : madeFrom({ kind: 'unknown' }, values);
  }
  const items = values.filter((_, index) => args[index]?.name === '');
  if (args.some((argument) => argument.value.kind === 'starred'))
    return madeFrom({ kind: 'unknown' }, values);
  return madeFrom({ kind: 'tuple', items }, values);
}

const GROWS = new Set(['append', 'insert', 'add']);
const SPLITS = new Set(['split', 'rsplit', 'splitlines']);
/** Methods that put their argument itself into the object. */
const KEEPS_ARGUMENT = new Set(['append', 'insert', 'add', 'setdefault', 'update']);
const KEEPS_LENGTH = new Set(['sort', 'reverse', 'count', 'index', 'copy']);

function callMethod(here: Here, node: Extract<Expression, { kind: 'methodCall' }>): AbstractValue {
  const object = evaluate(here, node.object);
  const args = node.arguments.map((argument) => evaluate(here, argument.value));
  if (!GROWS.has(node.method)) here.state.mayWaitFor(object, ...args);
  passedFunctions(here, node.arguments, args);
  const isTextMethod = METHODS.str.has(node.method) && !METHODS.dict.has(node.method);
  if (isTextMethod) noteText(here, node.object, object);
  if (node.object.kind === 'name' && here.state.variables.has(node.object.name)) {
    mutate(here, node.object.name, object, node.method, args);
  } else if (!METHODS.str.has(node.method)) changeInside(here, node.object, args);
  if (KEEPS_ARGUMENT.has(node.method)) for (const argument of node.arguments) escape(here, argument.value);
  if (object.shape.kind !== 'list' && SPLITS.has(node.method)) {
    const element = madeFrom({ kind: 'string' }, [object]);
    return madeFrom({ kind: 'list', element, length: ANY_LENGTH }, [object, ...args]);
  }
  if (node.method === 'join') {
    const [items] = args;
    const [argument] = node.arguments;
    if (items && argument) noteTexts(here, argument.value, items);
  }
  if (isTextMethod && !['count', 'find', 'rfind', 'index', 'rindex'].includes(node.method)) {
    const isTest = /^(?:is|startswith|endswith)/.test(node.method);
    return madeFrom(isTest ? { kind: 'bool', value: undefined } : { kind: 'string' }, [object, ...args]);
  }
  return madeFrom({ kind: 'unknown' }, [object, ...args]);
}

/** What a method does to the variable it is called on. */
function mutate(
  here: Here,
  name: string,
  object: AbstractValue,
  method: string,
  args: readonly AbstractValue[],
): void {
  const { shape } = object;
  if (shape.kind === 'list') {
    if (KEEPS_LENGTH.has(method)) return;
    const item = args.at(-1);
    if (GROWS.has(method) && item) {
      const grown: Shape = {
        kind: 'list',
        element: joinElements(shape.element, item),
        length: plus(shape.length, exactly(1)),
      };
      here.state.set(name, madeFrom(grown, [object, item]));
      return;
    }
    if (method === 'extend' && item?.shape.kind === 'list') {
      const element = joinElements(shape.element, item.shape.element);
      const length = plus(shape.length, item.shape.length);
      here.state.set(name, madeFrom({ kind: 'list', element, length }, [object, item]));
      return;
    }
    here.state.set(
      name,
      madeFrom({ kind: 'list', element: shape.element, length: ANY_LENGTH }, [object, ...args]),
    );
    return;
  }
  if (shape.kind !== 'string' && shape.kind !== 'result' && args.length > 0) {
    here.state.set(name, madeFrom(shape, [object, ...args]));
  }
}

function readItem(here: Here, node: Extract<Expression, { kind: 'subscript' }>): AbstractValue {
  const object = evaluate(here, node.object);
  const index = evaluate(here, node.index);
  const { shape } = object;
  here.state.mayWaitFor(index);
  if (shape.kind !== 'result' || node.index.kind !== 'string') here.state.mayWaitFor(object);
  if (shape.kind === 'result') {
    const operator = OPERATORS.get(shape.operator);
    const key = node.index.kind === 'string' ? node.index.value : undefined;
    const wrong =
      key === undefined
        ? node.index.kind === 'int' || node.index.kind === 'slice'
        : !operator?.resultFields.includes(key);
    if (operator && wrong) {
      const fields = operator.resultFields.map((field) => `"${field}"`).join(' and ');
      const what = key === undefined ? 'a position' : `"${key}"`;
      here.flow.diagnostics.add(
        'FW108',
        node.index.range,
        `the result of ${operator.name} has no ${what}; it has ${fields}`,
      );
    }
    const isList = operator?.name === 'multi_generate' && key === 'responses';
    const isFlag = (operator?.name === 'test' && key === 'result') || key === 'review_result';
    const field: Shape = isList
      ? {
          kind: 'list',
          element: madeFrom({ kind: 'string' }, [object]),
          length: { least: 0, greatest: shape.most },
        }
      : isFlag
        ? { kind: 'bool', value: undefined }
        : { kind: 'string' };
    return madeFrom(field, [object, index]);
  }
  if (shape.kind === 'tuple' && node.index.kind === 'int') {
    return shape.items[Number(node.index.digits)] ?? madeFrom({ kind: 'unknown' }, [object]);
  }
  if (shape.kind === 'list' && node.index.kind !== 'slice')
    return shape.element ?? madeFrom({ kind: 'unknown' }, [object]);
  if (shape.kind === 'list') {
    const upper =
      node.index.kind === 'slice' && node.index.upper?.kind === 'int'
        ? Number(node.index.upper.digits)
        : Infinity;
    const length = { least: 0, greatest: Math.min(shape.length.greatest, upper) };
    return madeFrom({ kind: 'list', element: shape.element, length }, [object, index]);
  }
  return madeFrom(shape.kind === 'string' ? shape : { kind: 'unknown' }, [object, index]);
}

function binary(here: Here, node: Extract<Expression, { kind: 'binary' }>): AbstractValue {
  const left = evaluate(here, node.left);
  const right = evaluate(here, node.right);
  const isText = left.shape.kind === 'string' || right.shape.kind === 'string';
  const isPending = left.shape.kind === 'string' && right.shape.kind === 'string' && node.operator === '+';
  if (!isPending) here.state.mayWaitFor(left, right);
  if (isText && node.operator === '+') {
    noteText(here, node.left, left);
    noteText(here, node.right, right);
    return madeFrom({ kind: 'string' }, [left, right]);
  }
  if (left.shape.kind === 'string' && node.operator === '%')
    return madeFrom({ kind: 'string' }, [left, right]);
  if (left.shape.kind === 'list' && right.shape.kind === 'list' && node.operator === '+') {
    const element = joinElements(left.shape.element, right.shape.element);
    return madeFrom({ kind: 'list', element, length: plus(left.shape.length, right.shape.length) }, [
      left,
      right,
    ]);
  }
  return madeFrom(computeNumber(node.operator, left, right), [left, right]);
}

function boolean(here: Here, operator: 'and' | 'or', operands: readonly Expression[]): AbstractValue {
  const [first, ...rest] = operands;
  if (!first) return UNKNOWN;
  const value = evaluate(here, first);
  const known = truth(value);
  if (rest.length === 0 || known === (operator === 'or')) return value;
  if (known !== undefined) return boolean(here, operator, rest);
  here.state.mayWaitFor(value);
  const skipped = here.state.clone();
  const other = boolean(here, operator, rest);
  mergeInto(here.state, skipped);
  const joined = joinValues(value, other);
  // "unknown and False" is false whatever the unknown is.
  const decided =
    truth(other) === (operator === 'or') ? { kind: 'bool' as const, value: operator === 'or' } : joined.shape;
  return madeFrom(decided, [value, other]);
}

/** Makes a state that of two ways joined. */
function mergeInto(state: State, other: State): void {
  const joined = joinStates(state, other);
  if (!joined) return;
  state.variables.clear();
  for (const [name, variable] of joined.variables) state.variables.set(name, variable);
  state.work = joined.work;
  state.control = joined.control;
}

function comparison(here: Here, node: Extract<Expression, { kind: 'comparison' }>): AbstractValue {
  const values = [node.left, ...node.steps.map((step) => step.right)].map((child) => evaluate(here, child));
  here.state.mayWaitFor(...values);
  const [left, right] = values;
  const [step] = node.steps;
  const known =
    left && right && step && node.steps.length === 1 ? compareNumbers(step.operator, left, right) : undefined;
  return madeFrom({ kind: 'bool', value: known }, values);
}

function conditional(here: Here, node: Extract<Expression, { kind: 'conditional' }>): AbstractValue {
  const test = evaluate(here, node.test);
  const known = truth(test);
  if (known !== undefined) return evaluate(here, known ? node.then : node.otherwise);
  here.state.waitFor(test);
  const other = { ...here, state: here.state.clone() };
  const then = evaluate(here, node.then);
  const otherwise = evaluate(other, node.otherwise);
  mergeInto(here.state, other.state);
  return madeFrom(joinValues(then, otherwise).shape, [test, then, otherwise]);
}

function listDisplay(here: Here, items: readonly Expression[]): AbstractValue {
  let length = exactly(0);
  let element: AbstractValue | undefined;
  const values = items.map((item) => {
    const value = evaluate(here, item.kind === 'starred' ? item.value : item);
    if (item.kind !== 'starred') {
      length = plus(length, exactly(1));
      element = joinElements(element, stored(here, item, value));
    } else if (value.shape.kind === 'list') {
      length = plus(length, value.shape.length);
      element = joinElements(element, value.shape.element);
    } else {
      length = plus(length, ANY_LENGTH);
      element = joinElements(element, UNKNOWN);
    }
    return value;
  });
  return madeFrom({ kind: 'list', element, length }, values);
}
