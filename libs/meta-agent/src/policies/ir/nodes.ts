import type { BoundArgument, Expression, SourceRange, Statement } from '@flowreasoner/workflow';

/** Made nodes stand nowhere in a source. */
export const nowhere: SourceRange = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/** A variable. */
export function nameNode(name: string): Expression {
  return { kind: 'name', name, range: nowhere };
}

/** A whole number. */
export function intNode(value: number): Expression {
  return { kind: 'int', digits: String(value), range: nowhere };
}

/** A text. */
export function stringNode(value: string): Expression {
  return { kind: 'string', value, range: nowhere };
}

/** `object[index]`. */
export function itemNode(object: Expression, index: Expression): Expression {
  return { kind: 'subscript', object, index, range: nowhere };
}

/** `name['field']`. */
export function fieldNode(name: string, field: string): Expression {
  return itemNode(nameNode(name), stringNode(field));
}

/** An argument of an operator. */
export function argument(parameter: string, value: Expression): BoundArgument {
  return { parameter, value, range: nowhere };
}

/** `target = value`. */
export function assignNode(target: string, value: Expression): Statement {
  return { kind: 'assign', targets: [nameNode(target)], value, range: nowhere };
}

/** `target = await self.attribute(…)`. */
export function callStatement(
  target: string,
  operator: string,
  attribute: string,
  args: readonly BoundArgument[],
): Statement {
  const call: Expression = {
    kind: 'operatorCall',
    site: 0,
    operator,
    attribute,
    arguments: args,
    constructorArguments: [],
    range: nowhere,
  };
  return assignNode(target, { kind: 'await', value: call, range: nowhere });
}

/** `for _ in range(times): …`. */
export function repeatNode(times: number, body: readonly Statement[]): Statement {
  const range: Expression = {
    kind: 'call',
    site: 0,
    function: { kind: 'builtin', name: 'range', range: nowhere },
    arguments: [{ name: '', value: intNode(times), range: nowhere }],
    range: nowhere,
  };
  return {
    kind: 'for',
    site: 0,
    target: nameNode('_'),
    iterable: range,
    body,
    otherwise: [],
    range: nowhere,
  };
}

/** `list.append(value)`. */
export function appendNode(list: string, value: Expression): Statement {
  const call: Expression = {
    kind: 'methodCall',
    site: 0,
    object: nameNode(list),
    method: 'append',
    arguments: [{ name: '', value, range: nowhere }],
    range: nowhere,
  };
  return { kind: 'expression', value: call, range: nowhere };
}

/** `if test: break`. */
export function breakIf(test: Expression): Statement {
  return { kind: 'if', test, body: [{ kind: 'break', range: nowhere }], otherwise: [], range: nowhere };
}
