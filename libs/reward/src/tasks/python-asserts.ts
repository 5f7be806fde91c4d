import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';

/**
 * The normal forms of the cases that Python test code declares, in the
 * sandbox's order: the asserts of the module and of `check`, not of other
 * functions and classes; a `check` without asserts is one case by itself.
 *
 * Two asserts have one normal form when they differ only in white space,
 * comments, quotes, redundant parentheses, trailing commas, their failure
 * message, or in calling the function by `entryPoint` rather than `candidate`.
 */
export function normalizedCases(source: string, entryPoint: string): string[] {
  const cases: string[] = [];
  for (const statement of children(parser.parse(source).topNode)) {
    const forms = normalizedAsserts(statement, source, entryPoint);
    if (!definitions.has(statement.name)) cases.push(...forms);
    else if (isCheck(statement, source)) cases.push(...(forms.length > 0 ? forms : ['check(candidate)']));
  }
  return cases;
}

const definitions = new Set(['FunctionDefinition', 'ClassDefinition', 'DecoratedStatement']);

function isCheck(statement: SyntaxNode, source: string): boolean {
  const definition = statement.name === 'DecoratedStatement' ? statement.lastChild : statement;
  if (definition?.name !== 'FunctionDefinition' || definition.firstChild?.name === 'async') return false;
  const name = definition.getChild('VariableName');
  return name !== null && source.slice(name.from, name.to) === 'check';
}

function normalizedAsserts(statement: SyntaxNode, source: string, entryPoint: string): string[] {
  const forms: string[] = [];
  statement.cursor().iterate((node) => {
    if (node.name !== 'AssertStatement') return true;
    const condition = node.node.firstChild?.nextSibling;
    forms.push(condition ? normalForm(condition, source, entryPoint) : '');
    return false;
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
