import type { SyntaxNode } from '@lezer/common';
import type { BuildContext } from './cst.js';
import { childrenOf, fail, identifier } from './cst.js';

const SHAPES = new Set([
  'VariableName',
  'MemberExpression',
  'PropertyName',
  'String',
  'None',
  'Ellipsis',
  'TupleExpression',
  'ArrayExpression',
  'BinaryExpression',
  'BitOp',
  ':',
  '.',
  ',',
  '(',
  ')',
  '[',
  ']',
]);

/** Type annotations are dropped; only shapes that are surely Python are let through. */
export function checkAnnotation(context: BuildContext, typeDef: SyntaxNode): void {
  for (const child of childrenOf(typeDef)) {
    if (!SHAPES.has(child.name) || (child.name === ':' && typeDef.name !== 'TypeDef')) {
      fail(context, 'FW021', child, 'this type annotation is not in the workflow language; leave it out');
    }
    if (child.name === 'VariableName' || child.name === 'PropertyName') identifier(context, child);
    else checkAnnotation(context, child);
  }
}
