import type { SyntaxNode } from '@lezer/common';
import type { Expression } from '../ir.js';
import { buildExpressionList } from './build-expression.js';
import type { BuildContext } from './cst.js';
import { fail } from './cst.js';

/** Builds an assignment target from its nodes (a target, or several with commas) and refuses what can't be one. */
export function buildTarget(
  context: BuildContext,
  nodes: readonly SyntaxNode[],
  whole: SyntaxNode,
): Expression {
  const [only] = nodes;
  const target = buildExpressionList(context, nodes, whole);
  const problem = targetProblem(target);
  if (problem !== undefined) fail(context, 'FW018', only ?? whole, problem);
  return target;
}

/** Why an expression cannot be assigned to; undefined when it can. */
export function targetProblem(target: Expression): string | undefined {
  switch (target.kind) {
    case 'name':
      return target.name === '__debug__' ? '"__debug__" cannot be set' : undefined;
    case 'attribute':
      return undefined;
    case 'subscript':
      return undefined;
    case 'tuple':
    case 'list': {
      if (target.items.filter((item) => item.kind === 'starred').length > 1) {
        return 'only one target may have a "*"';
      }
      return target.items
        .map((item) => targetProblem(item.kind === 'starred' ? item.value : item))
        .find((problem) => problem !== undefined);
    }
    case 'call':
      return 'the result of a call cannot be set; compare with "==", or set a name';
    case 'none':
    case 'bool':
    case 'int':
    case 'float':
    case 'string':
    case 'formatted':
      return 'a constant cannot be set; a name belongs on the left of "="';
    default:
      return 'this cannot be set; a name belongs on the left of "="';
  }
}
