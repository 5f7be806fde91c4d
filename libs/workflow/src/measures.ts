import type { StaticBounds } from './flow/bounds.js';
import type { Expression, Program, Statement } from './ir.js';
import { eachChild, eachStatementExpression, statementBlocks } from './walk.js';

/** Size and shape of a program, for rewards and comparisons. */
export interface WorkflowMeasures {
  /** IR nodes: statements (but "pass") and expressions of all methods. */
  readonly nodes: number;
  /** Places where an operator is called. */
  readonly operatorCalls: number;
  /** Deepest nesting of statements; a body without compound statements has depth 1. */
  readonly depth: number;
  /** Distinct operators called. */
  readonly distinctOperators: number;
  /** Model requests of the dearest path, at most {@link MAX_STATIC_COST}. */
  readonly staticCost: number;
}

/** Static cost of a program whose model requests nothing bounds. */
export const MAX_STATIC_COST = 1_000;

/** Measures a program with the given bounds. */
export function measure(program: Program, { greatest }: StaticBounds): WorkflowMeasures {
  const operators = new Set<string>();
  let nodes = 0;
  let operatorCalls = 0;
  let depth = 0;
  const expression = (node: Expression): void => {
    nodes++;
    if (node.kind === 'operatorCall') {
      operatorCalls++;
      operators.add(node.operator);
    }
    eachChild(node, expression);
  };
  const block = (statements: readonly Statement[], level: number): void => {
    for (const statement of statements) {
      // What does nothing is no work: docstrings and imports stand as "pass".
      if (statement.kind === 'pass') continue;
      nodes++;
      depth = Math.max(depth, level);
      eachStatementExpression(statement, expression);
      for (const inner of statementBlocks(statement)) block(inner, level + 1);
    }
  };
  for (const method of [program.entry, ...program.methods]) block(method.body, 1);
  const staticCost = Math.min(greatest.modelCalls ?? MAX_STATIC_COST, MAX_STATIC_COST);
  return { nodes, operatorCalls, depth, distinctOperators: operators.size, staticCost };
}
