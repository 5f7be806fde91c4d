import type { Expression, FunctionDefinition, Lambda } from '../ir.js';
import { visitStatements } from '../walk.js';
import type { Here } from './evaluate.js';
import type { State } from './state.js';
import type { AbstractValue } from './values.js';
import { ANY_LENGTH, UNKNOWN, madeFrom } from './values.js';

/** The state that holds a variable: that of the function at work, or of one around it. */
function holderOf(here: Here, name: string): State | undefined {
  if (here.state.variables.has(name)) return here.state;
  for (let outer = here.frame.outer; outer; outer = outer.frame.outer) {
    if (outer.state.variables.has(name)) return outer.state;
  }
  return undefined;
}

/** The variable at the root of `name[…].method(…)[…]`. */
function rootName(node: Expression): string | undefined {
  switch (node.kind) {
    case 'name':
      return node.name;
    case 'subscript':
    case 'attribute':
    case 'methodCall':
      return rootName(node.object);
    default:
      return undefined;
  }
}

/**
 * Notes that something inside a variable is changed to hold other values, in a
 * way that is not followed: a nested item, or a variable of the function around.
 */
export function changeInside(here: Here, node: Expression, values: readonly AbstractValue[]): void {
  const name = rootName(node);
  const holder = name === undefined ? undefined : holderOf(here, name);
  const value = name === undefined ? undefined : holder?.variables.get(name)?.value;
  if (name === undefined || !holder || !value) return;
  const shape =
    value.shape.kind === 'list'
      ? ({ ...value.shape, element: UNKNOWN, length: ANY_LENGTH } as const)
      : value.shape;
  holder.set(name, madeFrom(shape.kind === 'result' ? { kind: 'unknown' } : shape, [value, ...values]));
}

/**
 * Notes that a value gets another name, in a container, a call or a variable.
 * What is changed behind that name is not followed, so nothing is taken for
 * certain any more.
 */
export function escape(here: Here, node: Expression): void {
  switch (node.kind) {
    case 'name': {
      const holder = holderOf(here, node.name);
      const value = holder?.variables.get(node.name)?.value;
      if (!holder || !value) return;
      const { kind } = value.shape;
      if (kind === 'list') {
        holder.set(node.name, {
          ...value,
          dependent: true,
          shape: { kind, element: value.shape.element, length: ANY_LENGTH },
        });
      } else if (kind === 'other') holder.set(node.name, { ...value, dependent: true });
      return;
    }
    case 'conditional':
      escape(here, node.then);
      escape(here, node.otherwise);
      return;
    case 'boolean':
      for (const operand of node.operands) escape(here, operand);
      return;
    case 'named':
    case 'starred':
      escape(here, node.value);
      return;
    default:
      return;
  }
}

/** The value as it is once it has another name. */
export function stored(here: Here, node: Expression, value: AbstractValue): AbstractValue {
  escape(here, node);
  if (node.kind !== 'name' || value.shape.kind !== 'list') return value;
  return holderOf(here, node.name)?.variables.get(node.name)?.value ?? value;
}

const CHANGES = new Set(
  'append extend insert remove pop clear sort reverse add discard update setdefault popitem subtract'.split(
    ' ',
  ),
);

/** Whether a function may change what its parameters hold, or keep them under another name. */
export function mayChangeParameters(node: FunctionDefinition | Lambda): boolean {
  if (!('locals' in node)) return false;
  const names = new Set(node.parameters.map((parameter) => parameter.name));
  const isParameter = (part: Expression): boolean => names.has(rootName(part) ?? '');
  let found = false;
  visitStatements(node.body, {
    statement(statement) {
      if (statement.kind === 'functionDefinition') found = true;
      if (statement.kind === 'assign') {
        found ||= statement.value.kind === 'name' && isParameter(statement.value);
        found ||= statement.targets.some((target) => target.kind === 'subscript' && isParameter(target));
      }
      if (statement.kind === 'augmentedAssign') found ||= isParameter(statement.target);
    },
    expression(part) {
      if (part.kind === 'methodCall') found ||= CHANGES.has(part.method) && isParameter(part.object);
      if (part.kind === 'helperCall' || (part.kind === 'call' && part.function.kind === 'name')) {
        found ||= part.arguments.some(
          (argument) => argument.value.kind === 'name' && isParameter(argument.value),
        );
      }
    },
  });
  return found;
}
