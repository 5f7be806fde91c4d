import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { Recent } from '../recent.js';
import { boundNames, freeNames } from './python-names.js';

/** Greatest length of code that is parsed, in UTF-16 units. */
const MAX_CODE_LENGTH = 65_536;

/** A task's stub is parsed for each of its answers, and an answer for each use of it. */
const recent = new Recent<readonly TopStatement[]>(1024 * 1024);

/** A statement at the top level of a program. */
export interface TopStatement {
  /** Node name of the grammar, decorators aside: "FunctionDefinition", "ImportStatement", … */
  readonly kind: string;
  /** Its source, decorators included. */
  readonly text: string;
  /** Names that it binds. */
  readonly defines: ReadonlySet<string>;
  /** Names that it takes from the rest of the program. */
  readonly uses: ReadonlySet<string>;
  /**
   * Where the grammar is broken in it first, as an offset in the program. The
   * grammar refuses a few valid programs, so this alone condemns none.
   */
  readonly brokenAt: number | undefined;
  /** The statement without decorators. */
  readonly node: SyntaxNode;
}

/** Parses a program into its top-level statements; never throws. What is too long or junk has none. */
export function topStatements(source: string): readonly TopStatement[] {
  if (source.length > MAX_CODE_LENGTH) return [];
  try {
    return recent.get(source, () => statementsOf(source));
  } catch {
    // The parser can fail on junk, and nesting can exceed the stack: no program then.
    return [];
  }
}

function statementsOf(source: string): TopStatement[] {
  const statements: TopStatement[] = [];
  for (let node = parser.parse(source).topNode.firstChild; node !== null; node = node.nextSibling) {
    if (node.name === 'Comment') continue;
    const inner = node.name === 'DecoratedStatement' ? (node.lastChild ?? node) : node;
    statements.push({
      kind: inner.name,
      text: source.slice(node.from, node.to).trimEnd(),
      defines: boundNames(source, inner),
      uses: freeNames(source, node),
      brokenAt: firstError(node),
      node: inner,
    });
  }
  return statements;
}

function firstError(node: SyntaxNode): number | undefined {
  let first: number | undefined;
  node.cursor().iterate((child) => {
    if (child.type.isError) first ??= child.from;
  });
  return first;
}

/** The nodes of a function's or class's body, comments aside. */
export function bodyOf({ node }: TopStatement): readonly SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  for (let child = node.getChild('Body')?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name !== ':' && child.name !== 'Comment' && !child.type.isError) nodes.push(child);
  }
  return nodes;
}
