import type { SyntaxNode } from '@lezer/common';
import type { Expression, FunctionParameter } from '../ir.js';
import type { BuildContext } from './cst.js';
import { fail, failSyntax, identifier, rangeOf, splitAt, textOf } from './cst.js';

/** Builds the parameters of a function or lambda from the nodes between its brackets. Annotations are dropped. */
export function buildParameters(
  context: BuildContext,
  nodes: readonly SyntaxNode[],
  build: (node: SyntaxNode) => Expression,
): FunctionParameter[] {
  const parameters: FunctionParameter[] = [];
  const names = new Set<string>();
  for (const part of splitAt(nodes, ',')) {
    const parameter = buildParameter(context, part, nodes, build);
    const first = part[0];
    if (first && names.has(parameter.name)) {
      fail(context, 'FW214', first, `the parameter "${parameter.name}" is there twice`);
    }
    if (first && !parameter.defaultValue && parameters.some((before) => before.defaultValue)) {
      failSyntax(context, first, `"${parameter.name}" needs a default, as a parameter before it has one`);
    }
    names.add(parameter.name);
    parameters.push(parameter);
  }
  return parameters;
}

function buildParameter(
  context: BuildContext,
  part: readonly SyntaxNode[],
  nodes: readonly SyntaxNode[],
  build: (node: SyntaxNode) => Expression,
): FunctionParameter {
  const [first, ...rest] = part;
  const last = part.at(-1);
  if (!first || !last) {
    const near = nodes[0];
    if (near) return failSyntax(context, near);
    throw new RangeError('a parameter list without nodes has no parts');
  }
  if (first.name === '*' || first.name === '**' || first.name === '/') {
    return fail(
      context,
      'FW021',
      first,
      `"${first.name}" parameters are not in the workflow language; name each parameter`,
    );
  }
  if (first.name !== 'VariableName') return failSyntax(context, first);
  const annotation = rest[0]?.name === 'TypeDef' ? rest[0] : undefined;
  const [operator, value, extra] = annotation ? rest.slice(1) : rest;
  if (extra || (operator && (textOf(context, operator) !== '=' || !value))) return failSyntax(context, first);
  return {
    range: rangeOf(context, first.from, last.to),
    name: identifier(context, first),
    defaultValue: value ? build(value) : undefined,
  };
}
