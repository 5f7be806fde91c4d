import type { SyntaxNode, Tree } from '@lezer/common';
import type { DiagnosticList } from '../diagnostics.js';
import type { Statement } from '../ir.js';
import type { SourceText } from '../source-text.js';
import type { TextSlice } from '../split-answer.js';
import { recordImport } from './build-import.js';
import { buildArguments } from './build-expression.js';
import { buildFunction, buildStatements } from './build-statement.js';
import type { BuildContext } from './cst.js';
import {
  SyntaxFailure,
  childrenOf,
  fail,
  failSyntax,
  identifier,
  nodeRange,
  normaliseLineBreaks,
  parseTree,
  rangeOf,
  textOf,
} from './cst.js';
import { locateClass } from './locate-class.js';
import type { SurfaceClass, SurfaceMethod } from './surface.js';

/** Put before an indented class, so that its indentation is that of a block. */
const WRAPPER = 'if 1:\n';

/** What parsing gives. */
export interface ParseResult {
  /** Undefined when there is no class or its syntax is broken beyond use. */
  readonly surface: SurfaceClass | undefined;
  /** Where the class stands in the source; undefined when there is none. */
  readonly region: TextSlice | undefined;
}

/** Parses the class in a slice of the source into its surface form and reports what Python would refuse. */
export function parseClass(source: SourceText, slice: TextSlice, diagnostics: DiagnosticList): ParseResult {
  const imports = new Map<string, string>();
  const lostNames = new Set<string>();
  const region = locateClass(source, slice, diagnostics);
  if (!region) {
    diagnostics.add('FW002', source.range(slice.start, slice.start), missingClass(source.text, slice));
    return { surface: undefined, region: undefined };
  }
  const names = { diagnostics, imports, lostNames };
  recordLeadingImports(source, { start: slice.start, end: region.start }, names);
  // Of a class whose methods all lost their indentation, nothing else can be said.
  if (!region.ok || region.isEmptied) return { surface: undefined, region };
  const program = normaliseLineBreaks(source.text.slice(region.start, region.end));
  const text = region.indented ? WRAPPER + program : program;
  const base = region.indented ? region.start - WRAPPER.length : region.start;
  const context: BuildContext = { source, text, base, ...names };
  const tree = parseTree(context);
  const node = tree && classNode(tree, region.indented);
  if (!tree || !node) {
    if (tree) diagnostics.add('FW010', source.range(region.start, region.end), 'this is no complete class');
    return { surface: undefined, region };
  }
  const outside = definitionsAround(source.text, slice, region);
  return { surface: buildClass(context, node, outside), region };
}

function definitionsAround(text: string, slice: TextSlice, region: TextSlice): ReadonlySet<string> {
  const around = `${text.slice(slice.start, region.start)}\n${text.slice(region.end, slice.end)}`;
  const found = around.matchAll(/^[ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+(\w+)[ \t]*[(:]/gm);
  return new Set(Array.from(found, ([, name = '']) => name));
}

function missingClass(text: string, slice: TextSlice): string {
  const content = text.slice(slice.start, slice.end);
  if (content.trim() === '')
    return 'there is no text here; write a class with "async def __call__(self, problem)"';
  if (/\bdef\s+__call__/.test(content))
    return 'the method has no class around it; put "class Workflow:" before it and indent it';
  return /^[ \t]*(?:async[ \t]+)?def[ \t]/m.test(content)
    ? 'a function alone is no workflow; make it "async def __call__(self, problem)" of "class Workflow:"'
    : 'there is no workflow here; write "class Workflow:" with "async def __call__(self, problem)"';
}

function recordLeadingImports(
  source: SourceText,
  slice: TextSlice,
  names: Pick<BuildContext, 'diagnostics' | 'imports' | 'lostNames'>,
): void {
  const line = /^[ \t]*((?:import|from)[ \t]+[\w.][^\n\r]*)$/gm;
  const text = source.text.slice(slice.start, slice.end);
  for (let match = line.exec(text); match; match = line.exec(text)) {
    const statement = match[1] ?? '';
    // "from the start …" is prose.
    if (statement.startsWith('from') && !/^from\s+[\w.]+\s+import\b/.test(statement)) continue;
    if (
      statement.startsWith('import') &&
      !/^import\s+[\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+(?:\s+as\s+\w+)?)*\s*(?:#.*)?$/.test(statement)
    )
      continue;
    const start = slice.start + match.index + match[0].length - statement.length;
    recordImport(names, statement, source.range(start, start + statement.length));
  }
}

function classNode(tree: Tree, indented: boolean): SyntaxNode | undefined {
  let children = childrenOf(tree.topNode);
  const [wrapper] = children;
  if (indented && wrapper && children.length === 1) {
    const body = childrenOf(wrapper).at(-1);
    children = body ? childrenOf(body).slice(1) : [];
  }
  const [only] = children;
  return children.length === 1 && only?.name === 'ClassDefinition' ? only : undefined;
}

function buildClass(
  context: BuildContext,
  node: SyntaxNode,
  outside: ReadonlySet<string>,
): SurfaceClass | undefined {
  try {
    const [word, name, ...rest] = childrenOf(node);
    const body = rest.at(-1);
    if (!word || name?.name !== 'VariableName' || body?.name !== 'Body') return failSyntax(context, node);
    const bases = rest.length === 2 ? rest[0] : undefined;
    if (rest.length > 2 || (bases && bases.name !== 'ArgList')) return failSyntax(context, node);
    if (bases) buildArguments(context, bases);
    const members = readMembers(context, childrenOf(body).slice(1));
    return {
      range: nodeRange(context, node),
      headRange: rangeOf(context, word.from, name.to),
      name: identifier(context, name),
      ...members,
      imports: context.imports,
      lostNames: context.lostNames,
      outside,
    };
  } catch (error) {
    if (error instanceof SyntaxFailure) return undefined;
    throw error;
  }
}

function readMembers(
  context: BuildContext,
  nodes: readonly SyntaxNode[],
): { methods: SurfaceMethod[]; statements: Statement[] } {
  const methods: SurfaceMethod[] = [];
  const others: SyntaxNode[] = [];
  for (const node of nodes) {
    try {
      if (node.name === 'FunctionDefinition') methods.push(buildMethod(context, node, false));
      else if (node.name === 'DecoratedStatement') methods.push(buildDecorated(context, node));
      else others.push(node);
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      const name = node.getChild('VariableName');
      // What is missing because of it is no further finding.
      if (name) context.lostNames.add(identifier(context, name));
    }
  }
  return { methods, statements: buildStatements(context, others) };
}

function buildMethod(context: BuildContext, node: SyntaxNode, isStatic: boolean): SurfaceMethod {
  const list = node.getChild('ParamList');
  const headRange = rangeOf(context, node.from, list?.to ?? node.to);
  return { ...buildFunction(context, node), headRange, isStatic };
}

function buildDecorated(context: BuildContext, node: SyntaxNode): SurfaceMethod {
  const [decorator, inner, extra] = childrenOf(node);
  const isStatic = decorator !== undefined && /^@\s*staticmethod$/.test(textOf(context, decorator).trim());
  if (!isStatic || inner?.name !== 'FunctionDefinition' || extra) {
    return fail(
      context,
      'FW020',
      decorator ?? node,
      'this decorator is not in the workflow language; leave it out',
    );
  }
  return buildMethod(context, inner, true);
}
