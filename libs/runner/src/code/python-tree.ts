import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';

/** Greatest length of code that is parsed, in UTF-16 units. */
export const MAX_CODE_LENGTH = 200_000;

/** A statement at the top level of a program. */
export interface TopStatement {
  /** Node name of the grammar, decorators aside: "FunctionDefinition", "ImportStatement", … */
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  /** Names that it binds. */
  readonly defines: readonly string[];
  /** Names that it mentions. */
  readonly uses: ReadonlySet<string>;
  /** Whether it is not valid Python. */
  readonly broken: boolean;
  readonly node: SyntaxNode;
}

/** Parses a program into its top-level statements; never throws. */
export function topStatements(source: string): TopStatement[] {
  if (source.length > MAX_CODE_LENGTH) return [];
  let tree;
  try {
    tree = parser.parse(source);
  } catch {
    // The parser can fail on junk, which is no program then.
    return [];
  }
  const statements: TopStatement[] = [];
  for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
    if (node.name === 'Comment') continue;
    const inner = node.name === 'DecoratedStatement' ? (node.lastChild ?? node) : node;
    statements.push({
      kind: inner.name,
      start: node.from,
      end: trimmedEnd(source, node.to),
      defines: definedNames(source, inner),
      uses: usedNames(source, node),
      broken: hasError(node),
      node: inner,
    });
  }
  return statements;
}

function trimmedEnd(source: string, end: number): number {
  return source.slice(0, end).trimEnd().length;
}

function hasError(node: SyntaxNode): boolean {
  let broken = node.type.isError;
  node.cursor().iterate((child) => {
    if (child.type.isError) broken = true;
  });
  return broken;
}

function usedNames(source: string, node: SyntaxNode): Set<string> {
  const names = new Set<string>();
  node.cursor().iterate((child) => {
    if (child.name === 'VariableName') names.add(source.slice(child.from, child.to));
  });
  return names;
}

function definedNames(source: string, node: SyntaxNode): string[] {
  const text = (child: SyntaxNode): string => source.slice(child.from, child.to);
  if (node.name === 'FunctionDefinition' || node.name === 'ClassDefinition') {
    const name = node.getChild('VariableName');
    return name === null ? [] : [text(name)];
  }
  if (node.name === 'ImportStatement') return node.getChildren('VariableName').map(text);
  if (node.name !== 'AssignStatement') return [];
  const names: string[] = [];
  for (let child = node.firstChild; child !== null && child.name !== 'AssignOp'; child = child.nextSibling) {
    child.cursor().iterate((inner) => {
      if (inner.name === 'VariableName') names.push(source.slice(inner.from, inner.to));
    });
  }
  return names;
}
