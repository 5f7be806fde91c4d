import type { DiagnosticList } from '../diagnostics.js';
import type { Expression, FunctionDefinition, Program, Statement } from '../ir.js';
import { eachStatementExpression, statementBlocks, visitExpression } from '../walk.js';

/** Warns about operator calls whose results are never looked at: they cost and do nothing. */
export function reportUnused(program: Program, diagnostics: DiagnosticList): void {
  for (const method of [program.entry, ...program.methods]) reportFunction(method, diagnostics);
}

interface Assigned {
  readonly name: string;
  readonly call: Extract<Expression, { kind: 'operatorCall' }>;
}

function reportFunction(node: FunctionDefinition, diagnostics: DiagnosticList): void {
  const assigned: Assigned[] = [];
  const read = new Set<string>();
  const walk = (block: readonly Statement[]): void => {
    for (const statement of block) {
      const call = 'value' in statement && statement.value ? operatorCall(statement.value) : undefined;
      const [target] = statement.kind === 'assign' ? statement.targets : [];
      if (call && statement.kind === 'expression') {
        diagnostics.add(
          'FW210',
          call.range,
          `the result of ${call.operator} is not used; assign it, or leave the call out`,
        );
      }
      if (call && target?.kind === 'name') assigned.push({ name: target.name, call });
      eachStatementExpression(statement, (expression) => {
        const isSet =
          statement.kind === 'assign' && expression.kind === 'name' && statement.targets.includes(expression);
        if (!isSet) readNames(expression, read);
      });
      for (const inner of statementBlocks(statement)) walk(inner);
    }
  };
  walk(node.body);
  for (const { name, call } of assigned) {
    if (read.has(name)) continue;
    diagnostics.add(
      'FW210',
      call.range,
      `"${name}", the result of ${call.operator}, is never used; use it, or leave the call out`,
    );
  }
}

function operatorCall(node: Expression): Assigned['call'] | undefined {
  const inner = node.kind === 'await' ? node.value : node;
  return inner.kind === 'operatorCall' ? inner : undefined;
}

function readNames(node: Expression, read: Set<string>): void {
  visitExpression(node, (child) => {
    if (child.kind === 'name') read.add(child.name);
  });
}
