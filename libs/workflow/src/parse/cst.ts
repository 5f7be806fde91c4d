import { parser } from '@lezer/python';
import type { SyntaxNode, Tree } from '@lezer/common';
import { nearest } from '../suggest.js';
import type { DiagnosticCode } from '../diagnostic-codes.js';
import type { DiagnosticList } from '../diagnostics.js';
import type { SourceRange } from '../ir.js';
import type { SourceText } from '../source-text.js';

/** Where the builders read from and report to. */
export interface BuildContext {
  readonly source: SourceText;
  /** The text that the tree was parsed from. */
  readonly text: string;
  /** Offset in the source of offset 0 in the tree. */
  readonly base: number;
  readonly diagnostics: DiagnosticList;
  /** Names bound by imports inside the program, by local name. */
  readonly imports: Map<string, string>;
  /** Names that statements with a syntax error mention: whether they are defined is not known. */
  readonly lostNames: Set<string>;
}

/** Thrown after a report, to leave the statement at hand. */
export class SyntaxFailure extends Error {}

/** The greatest depth of the syntax tree: far below what would exhaust the stack. */
export const MAX_TREE_DEPTH = 300;

/** The greatest number of syntax errors reported at once. */
const MAX_SYNTAX_ERRORS = 8;

/** Line breaks other than "\n" replaced at equal length: the parser knows only some of them in strings. */
export function normaliseLineBreaks(text: string): string {
  if (!text.includes('\r')) return text;
  return text.replaceAll('\\\r\n', ' \\\n').replaceAll('\r\n', ' \n').replaceAll('\r', '\n');
}

/** Parses, and reports error nodes and depth; undefined when the tree is of no use. */
export function parseTree(context: BuildContext): Tree | undefined {
  const whole = () => context.source.range(context.base, context.base);
  let tree: Tree;
  try {
    tree = parser.parse(context.text);
  } catch {
    context.diagnostics.add('FW010', whole(), 'this text could not be parsed as Python; write a plain class');
    return undefined;
  }
  let depth = 0;
  let errors = 0;
  const cursor = tree.cursor();
  for (;;) {
    if (cursor.type.isError && errors++ < MAX_SYNTAX_ERRORS) reportErrorNode(context, cursor.node);
    if (depth > MAX_TREE_DEPTH) {
      const range = rangeOf(context, cursor.from, Math.min(cursor.to, cursor.from + 1));
      context.diagnostics.add(
        'FW004',
        range,
        'this expression is nested too deep; use variables for its parts',
      );
      return undefined;
    }
    if (cursor.firstChild()) {
      depth++;
      continue;
    }
    while (!cursor.nextSibling()) {
      if (!cursor.parent()) return errors > 0 ? undefined : tree;
      depth--;
    }
  }
}

function reportErrorNode(context: BuildContext, node: SyntaxNode): void {
  const { text } = context;
  // An empty error node stands for something missing before the next token.
  const from = node.from === node.to ? skipBack(text, node.from) : node.from;
  const to = node.from === node.to ? from : node.to;
  const range = rangeOf(context, from, Math.min(to, endOfLine(text, from)));
  context.diagnostics.add('FW010', range, describeError(text, node, from));
}

/** Words that begin a statement with something behind them. */
const BEGINNINGS = 'return await async if elif for while try raise import from def class'.split(' ');

function describeError(text: string, node: SyntaxNode, from: number): string {
  const near = text.slice(node.from, Math.min(node.to, endOfLine(text, node.from))).trim();
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const line = text.slice(lineStart, endOfLine(text, from)).trim();
  if (
    /^(?:if|elif|else|for|while|try|except|finally|def|async|class)\b/.test(line) &&
    !/:\s*(?:#.*)?$/.test(line)
  )
    return 'a ":" is missing at the end of this line';
  if (/^else\s+if\b/.test(line)) return '"else if" is not Python; write "elif"';
  if (/^\w/.test(near) && /["']/.test(text.charAt(node.from - 1)))
    return `a string ends just before "${near.slice(0, 40)}"; put a backslash before quotes inside a string, or use the other kind of quotes around it`;
  const before = text.slice(lineStart, from).trim();
  const meant = /^[a-z]+$/.test(before) && !KEYWORDS.has(before) ? nearest(before, BEGINNINGS) : undefined;
  if (near === '' && meant !== undefined)
    return `"${before}" cannot begin a statement; did you mean "${meant}"?`;
  if (near === '=') return '"=" assigns and cannot stand inside an expression; compare with "=="';
  if (/:\s*(?:#.*)?$/.test(line) && near === '')
    return 'an indented block must follow this line; write "pass" to do nothing';
  return near === ''
    ? 'something is missing here; this is no complete Python'
    : `"${near.slice(0, 40)}" cannot stand here in Python`;
}

function skipBack(text: string, from: number): number {
  let at = from;
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at--;
  return at;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** The range of tree offsets; trailing white space is left out. */
export function rangeOf(context: BuildContext, from: number, to: number): SourceRange {
  let end = to;
  while (end > from && isSpace(context.text.charCodeAt(end - 1))) end--;
  return context.source.range(context.base + from, context.base + end);
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13;
}

/** The range of a node. */
export function nodeRange(context: BuildContext, node: SyntaxNode): SourceRange {
  return rangeOf(context, node.from, node.to);
}

/** Text of a node. */
export function textOf(context: BuildContext, node: SyntaxNode): string {
  return context.text.slice(node.from, node.to);
}

/** Children of a node, tokens included, comments left out. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'Comment') children.push(child);
  }
  return children;
}

/** Reports and leaves the statement. */
export function fail(context: BuildContext, code: DiagnosticCode, node: SyntaxNode, message: string): never {
  context.diagnostics.add(code, nodeRange(context, node), message);
  throw new SyntaxFailure(message);
}

/** Reports that a node's shape is no Python. */
export function failSyntax(context: BuildContext, node: SyntaxNode, message?: string): never {
  const near = textOf(context, node).split('\n')[0] ?? '';
  return fail(context, 'FW010', node, message ?? `"${near.slice(0, 40)}" is not valid Python here`);
}

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/** A name as Python sees it (NFKC); a keyword is refused. */
export function identifier(context: BuildContext, node: SyntaxNode): string {
  const name = textOf(context, node).normalize('NFKC');
  if (KEYWORDS.has(name)) failSyntax(context, node, `"${name}" is a keyword and cannot be a name`);
  return name;
}

/** Splits nodes at separators; a trailing separator leaves no empty last part. */
export function splitAt(nodes: readonly SyntaxNode[], separator: string): SyntaxNode[][] {
  const parts: SyntaxNode[][] = [];
  let current: SyntaxNode[] = [];
  for (const node of nodes) {
    if (node.name === separator) {
      parts.push(current);
      current = [];
    } else current.push(node);
  }
  if (current.length > 0) parts.push(current);
  return parts;
}
