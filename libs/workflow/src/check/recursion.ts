import type { DiagnosticList } from '../diagnostics.js';
import type { Expression, FunctionDefinition, Program, SourceRange, Statement } from '../ir.js';
import { eachStatementExpression, statementBlocks, visitExpression } from '../walk.js';

interface Callable {
  readonly range: SourceRange;
  readonly calls: Set<string>;
}

/**
 * Reports functions that call themselves, directly or through others. Methods
 * go by "self.name", local functions and lambdas by their name. True when there
 * are any: such a program can't be analysed further.
 */
export function reportRecursion(program: Program, diagnostics: DiagnosticList): boolean {
  const callables = new Map<string, Callable>();
  for (const method of [program.entry, ...program.methods]) {
    callables.set(`self.${method.name}`, { range: head(method.range), calls: new Set() });
    collect(method, `self.${method.name}`, callables);
  }
  let found = false;
  for (const [name, callable] of callables) {
    if (!reaches(callables, name)) continue;
    found = true;
    diagnostics.add(
      'FW211',
      callable.range,
      `"${name}" calls itself; recursion is not in the workflow language; use a loop`,
    );
  }
  return found;
}

function head(range: SourceRange): SourceRange {
  return { ...range, endLine: range.startLine, endColumn: range.startColumn + 3 };
}

function collect(node: FunctionDefinition, name: string, callables: Map<string, Callable>): void {
  const add = (expression: Expression, owner: string): void => {
    visitExpression(expression, (child) => {
      if (child.kind === 'helperCall') callables.get(owner)?.calls.add(`self.${child.method}`);
      // A name that is handed on may be called as well.
      if (child.kind === 'name') callables.get(owner)?.calls.add(child.name);
    });
  };
  const walk = (block: readonly Statement[]): void => {
    for (const statement of block) {
      if (statement.kind === 'functionDefinition') {
        declare(callables, statement.name, statement.range);
        collect(statement, statement.name, callables);
        callables.get(name)?.calls.add(statement.name);
        continue;
      }
      const [target] = statement.kind === 'assign' ? statement.targets : [];
      if (statement.kind === 'assign' && statement.value.kind === 'lambda' && target?.kind === 'name') {
        declare(callables, target.name, statement.range);
        add(statement.value, target.name);
      }
      eachStatementExpression(statement, (expression) => add(expression, name));
      for (const inner of statementBlocks(statement)) walk(inner);
    }
  };
  walk(node.body);
}

function declare(callables: Map<string, Callable>, name: string, range: SourceRange): void {
  if (!callables.has(name)) callables.set(name, { range: head(range), calls: new Set() });
}

function reaches(callables: ReadonlyMap<string, Callable>, start: string): boolean {
  const seen = new Set<string>();
  const queue = [...(callables.get(start)?.calls ?? [])];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name === start) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    queue.push(...(callables.get(name)?.calls ?? []));
  }
  return false;
}
