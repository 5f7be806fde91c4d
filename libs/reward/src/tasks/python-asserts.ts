import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common';
import { parser } from '@lezer/python';

/**
 * The normal forms of all assert statements of a Python source, in order.
 *
 * Two asserts have one normal form when they differ only in white space,
 * comments, quotes, redundant parentheses, trailing commas, their failure
 * message, or in calling the function by `entryPoint` rather than `candidate`.
 */
export function normalizedAsserts(source: string, entryPoint: string): string[] {
  const forms: string[] = [];
  parser.parse(source).iterate({
    enter(node: SyntaxNodeRef) {
      if (node.name !== 'AssertStatement') return true;
      const condition = node.node.firstChild?.nextSibling;
      if (condition) forms.push(normalForm(condition, source, entryPoint));
      return false;
    },
  });
  return forms;
}

/** A canonical text of an expression: its tokens, grouped by the tree instead of by parentheses. */
function normalForm(node: SyntaxNode, source: string, entryPoint: string): string {
  const text = source.slice(node.from, node.to);
  if (node.name === 'String') return `str:${normalString(text)}`;
  if (node.name === 'VariableName') return text === entryPoint ? 'candidate' : text;
  const inner = children(node);
  if (inner.length === 0) return text;
  if (node.name === 'ParenthesizedExpression') {
    const content = inner.find((child) => child.name !== '(' && child.name !== ')');
    return content ? normalForm(content, source, entryPoint) : '()';
  }
  const parts = inner
    .filter(
      (child, index) =>
        !(child.name === ',' && index === inner.length - 2 && node.name !== 'TupleExpression'),
    )
    .map((child) => normalForm(child, source, entryPoint));
  return `${node.name}(${parts.join(' ')})`;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'Comment') found.push(child);
  }
  return found;
}

/** A plain string's content in one way of quoting; a prefixed one (r, b, f) as it stands. */
function normalString(text: string): string {
  const quoted = /^('''|"""|'|")([^]*)\1$/.exec(text);
  if (!quoted) return text;
  return JSON.stringify((quoted[2] ?? '').replaceAll(/\\(['"])/g, '$1'));
}
