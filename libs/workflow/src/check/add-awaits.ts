import type { DiagnosticList } from '../diagnostics.js';
import type { Expression, FunctionDefinition, Program, Statement } from '../ir.js';
import { rewriteParts, rewriteStatement } from '../rewrite.js';
import { visitStatements } from '../walk.js';

/**
 * Adds the `await`s that were left out, and `async` where it belongs. A call of
 * an operator or an async function without `await` is left alone only where its
 * value can still be awaited: given to `asyncio.gather`, or kept in a variable
 * or list by a function that awaits such things.
 */
export function addAwaits(program: Program, diagnostics: DiagnosticList): Program {
  const asyncHelpers = new Set(
    program.methods.filter((method) => needsAsync(method)).map((method) => method.name),
  );
  const mend = (node: FunctionDefinition) => mendFunction(node, asyncHelpers, new Set(), diagnostics);
  return { ...program, entry: mend(program.entry), methods: program.methods.map(mend) };
}

/** Whether a function has to be async: it is, or awaits, or calls an operator. */
function needsAsync(node: FunctionDefinition): boolean {
  return node.isAsync || hasAwait(node);
}

function hasAwait(node: FunctionDefinition): boolean {
  return outerExpressions(node).some(
    (expression) => expression.kind === 'await' || expression.kind === 'operatorCall',
  );
}

/** Every expression of a function without those of functions inside it. */
function outerExpressions(node: FunctionDefinition): Expression[] {
  const inner = new Set<Expression>();
  const all: Expression[] = [];
  visitStatements(node.body, {
    statement(statement) {
      if (statement.kind !== 'functionDefinition') return;
      visitStatements(statement.body, { expression: (expression) => inner.add(expression) });
    },
    expression: (expression) => all.push(expression),
  });
  return all.filter((expression) => !inner.has(expression));
}

interface Usage {
  /** Whether the function gathers or awaits values that it keeps in variables. */
  readonly keeps: boolean;
  /** Variables that are awaited. */
  readonly awaited: ReadonlySet<string>;
}

function usageOf(node: FunctionDefinition): Usage {
  const awaited = new Set<string>();
  let gathers = false;
  for (const expression of outerExpressions(node)) {
    if (expression.kind === 'await' && expression.value.kind === 'name') awaited.add(expression.value.name);
    if (isGather(expression)) gathers = true;
  }
  return { keeps: gathers || awaited.size > 0, awaited };
}

function isGather(node: Expression): boolean {
  return node.kind === 'call' && node.function.kind === 'builtin' && node.function.name === 'asyncio.gather';
}

/** How a value is used: at once, or kept so that it can still be awaited. */
type Use = 'now' | 'kept' | 'awaited' | { readonly name: string };

function mendFunction<T extends FunctionDefinition>(
  node: T,
  helpers: ReadonlySet<string>,
  outerFunctions: ReadonlySet<string>,
  diagnostics: DiagnosticList,
): T {
  const usage = usageOf(node);
  const functions = new Set(outerFunctions);
  for (const statement of node.body) {
    if (statement.kind === 'functionDefinition' && needsAsync(statement)) functions.add(statement.name);
  }
  const isAsync = needsAsync(node);
  if (isAsync && !node.isAsync) {
    diagnostics.add('FW705', headOf(node), `"${node.name}" awaits and was taken as "async def"`);
  }
  const wrap = (expression: Expression, use: Use): Expression => {
    const rebuilt = rebuild(expression, use);
    if (!isCoroutine(rebuilt, helpers, functions) || !mustAwait(use, usage)) return rebuilt;
    const what = rebuilt.kind === 'operatorCall' ? `self.${rebuilt.attribute}` : 'this call';
    diagnostics.add('FW701', rebuilt.range, `"await" was added before ${what}(…)`);
    return { kind: 'await', range: rebuilt.range, value: rebuilt };
  };
  const rebuild = (expression: Expression, use: Use): Expression =>
    rewriteParts(expression, (child) => wrap(child, useOf(expression, child, use)));
  const block = (statements: readonly Statement[]): Statement[] =>
    statements.map((statement) => {
      if (statement.kind === 'functionDefinition')
        return mendFunction(statement, helpers, functions, diagnostics);
      const use = statementUse(statement);
      return rewriteStatement(statement, (expression) => wrap(expression, use), block);
    });
  return { ...node, isAsync, body: block(node.body) };
}

function headOf(node: FunctionDefinition) {
  return { ...node.range, endLine: node.range.startLine, endColumn: node.range.startColumn + 3 };
}

function isCoroutine(
  node: Expression,
  helpers: ReadonlySet<string>,
  functions: ReadonlySet<string>,
): boolean {
  if (node.kind === 'operatorCall') return true;
  if (node.kind === 'helperCall') return helpers.has(node.method);
  if (node.kind !== 'call') return false;
  if (node.function.kind === 'name') return functions.has(node.function.name);
  return isGather(node);
}

function mustAwait(use: Use, usage: Usage): boolean {
  if (use === 'awaited') return false;
  if (use === 'now') return true;
  if (use === 'kept') return !usage.keeps;
  return !usage.awaited.has(use.name) && !usage.keeps;
}

function statementUse(statement: Statement): Use {
  if (statement.kind !== 'assign') return 'now';
  const [target] = statement.targets;
  return target?.kind === 'name' && statement.targets.length === 1 ? { name: target.name } : 'now';
}

/** How a child of an expression is used. */
function useOf(parent: Expression, child: Expression, use: Use): Use {
  switch (parent.kind) {
    case 'await':
      return 'awaited';
    case 'list':
    case 'tuple':
    case 'dict':
    case 'starred':
      return use === 'awaited' || use === 'now' ? 'kept' : use;
    case 'comprehension':
      return child === parent.element || child === parent.value ? 'kept' : 'now';
    case 'methodCall':
      return child !== parent.object && parent.method === 'append' ? 'kept' : 'now';
    case 'call':
      return isGather(parent) ? 'awaited' : 'now';
    case 'lambda':
      return 'kept';
    case 'conditional':
      return child === parent.test ? 'now' : use;
    default:
      return 'now';
  }
}
