import type { Argument, BoundArgument, Expression, FormattedPart, Statement } from './ir.js';

/** The expressions directly inside an expression, in the order they are evaluated or appear. */
export function childExpressions(node: Expression): Expression[] {
  switch (node.kind) {
    case 'none':
    case 'bool':
    case 'int':
    case 'float':
    case 'string':
    case 'name':
    case 'builtin':
    case 'selfAttribute':
    case 'prompt':
    case 'usage':
      return [];
    case 'formatted':
      return partValues(node.parts);
    case 'attribute':
      return [node.object];
    case 'subscript':
      return [node.object, node.index];
    case 'slice':
      return defined(node.lower, node.upper, node.step);
    case 'operatorCall':
      return argumentValues(node.arguments);
    case 'helperCall':
      return argumentValues(node.arguments);
    case 'methodCall':
      return [node.object, ...argumentValues(node.arguments)];
    case 'call':
      return [node.function, ...argumentValues(node.arguments)];
    case 'await':
    case 'starred':
    case 'named':
      return [node.value];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'boolean':
      return [...node.operands];
    case 'comparison':
      return [node.left, ...node.steps.map((step) => step.right)];
    case 'conditional':
      return [node.test, node.then, node.otherwise];
    case 'list':
    case 'tuple':
    case 'set':
      return [...node.items];
    case 'dict':
      return node.entries.flatMap((entry) => defined(entry.key, entry.value));
    case 'comprehension':
      return [
        ...node.clauses.flatMap((clause) => [clause.target, clause.iterable, ...clause.conditions]),
        ...defined(node.element, node.value),
      ];
    case 'lambda':
      return [...node.parameters.flatMap((parameter) => defined(parameter.defaultValue)), node.body];
  }
}

function argumentValues(args: readonly (Argument | BoundArgument)[]): Expression[] {
  return args.map((argument) => argument.value);
}

function partValues(parts: readonly FormattedPart[]): Expression[] {
  return parts.flatMap((part) => [...defined(part.value), ...partValues(part.spec)]);
}

function defined(...values: (Expression | undefined)[]): Expression[] {
  return values.filter((value) => value !== undefined);
}

/** The expressions directly inside a statement, without those of the statements inside it. */
export function statementExpressions(node: Statement): Expression[] {
  switch (node.kind) {
    case 'assign':
      return [node.value, ...node.targets];
    case 'augmentedAssign':
      return [node.target, node.value];
    case 'expression':
      return [node.value];
    case 'if':
    case 'while':
      return [node.test];
    case 'for':
      return [node.iterable, node.target];
    case 'return':
      return defined(node.value);
    case 'raise':
      return defined(node.exception, node.cause);
    case 'functionDefinition':
      return node.parameters.flatMap((parameter) => defined(parameter.defaultValue));
    case 'break':
    case 'continue':
    case 'pass':
    case 'try':
      return [];
  }
}

/** The blocks of statements inside a statement, in order. */
export function statementBlocks(node: Statement): (readonly Statement[])[] {
  switch (node.kind) {
    case 'if':
    case 'for':
    case 'while':
      return [node.body, node.otherwise];
    case 'try':
      return [node.body, ...node.handlers.map((handler) => handler.body), node.otherwise, node.finalizer];
    case 'functionDefinition':
      return [node.body];
    default:
      return [];
  }
}

/** Visits an expression and everything inside it, outside in. */
export function visitExpression(node: Expression, visit: (node: Expression) => void): void {
  visit(node);
  for (const child of childExpressions(node)) visitExpression(child, visit);
}

/** Visits every statement and expression of a block, outside in, those of local functions too. */
export function visitStatements(
  block: readonly Statement[],
  visit: { statement?: (node: Statement) => void; expression?: (node: Expression) => void },
): void {
  for (const statement of block) {
    visit.statement?.(statement);
    if (visit.expression) {
      for (const expression of statementExpressions(statement)) visitExpression(expression, visit.expression);
    }
    for (const inner of statementBlocks(statement)) visitStatements(inner, visit);
  }
}
