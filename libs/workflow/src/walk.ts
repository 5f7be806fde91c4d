import type {
  Argument,
  BoundArgument,
  Expression,
  FormattedPart,
  FunctionParameter,
  Statement,
} from './ir.js';

/** Calls back with each expression directly inside an expression, in the order they are evaluated or appear. */
export function eachChild(node: Expression, visit: (child: Expression) => void): void {
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
      return;
    case 'formatted':
      return eachPart(node.parts, visit);
    case 'attribute':
      return visit(node.object);
    case 'subscript':
      visit(node.object);
      return visit(node.index);
    case 'slice':
      if (node.lower) visit(node.lower);
      if (node.upper) visit(node.upper);
      if (node.step) visit(node.step);
      return;
    case 'operatorCall':
    case 'helperCall':
      return eachArgument(node.arguments, visit);
    case 'methodCall':
      visit(node.object);
      return eachArgument(node.arguments, visit);
    case 'call':
      visit(node.function);
      return eachArgument(node.arguments, visit);
    case 'await':
    case 'starred':
    case 'named':
      return visit(node.value);
    case 'unary':
      return visit(node.operand);
    case 'binary':
      visit(node.left);
      return visit(node.right);
    case 'boolean':
      for (const operand of node.operands) visit(operand);
      return;
    case 'comparison':
      visit(node.left);
      for (const step of node.steps) visit(step.right);
      return;
    case 'conditional':
      visit(node.test);
      visit(node.then);
      return visit(node.otherwise);
    case 'list':
    case 'tuple':
    case 'set':
      for (const item of node.items) visit(item);
      return;
    case 'dict':
      for (const { key, value } of node.entries) {
        if (key) visit(key);
        visit(value);
      }
      return;
    case 'comprehension':
      for (const clause of node.clauses) {
        visit(clause.target);
        visit(clause.iterable);
        for (const condition of clause.conditions) visit(condition);
      }
      visit(node.element);
      if (node.value) visit(node.value);
      return;
    case 'lambda':
      eachDefault(node.parameters, visit);
      return visit(node.body);
  }
}

function eachArgument(args: readonly (Argument | BoundArgument)[], visit: (value: Expression) => void): void {
  for (const argument of args) visit(argument.value);
}

function eachPart(parts: readonly FormattedPart[], visit: (value: Expression) => void): void {
  for (const part of parts) {
    if (part.value) visit(part.value);
    eachPart(part.spec, visit);
  }
}

function eachDefault(parameters: readonly FunctionParameter[], visit: (value: Expression) => void): void {
  for (const { defaultValue } of parameters) {
    if (defaultValue) visit(defaultValue);
  }
}

/** The expressions directly inside an expression, in the order they are evaluated or appear. */
export function childExpressions(node: Expression): Expression[] {
  const children: Expression[] = [];
  eachChild(node, (child) => children.push(child));
  return children;
}

/** Calls back with each expression directly inside a statement, without those of the statements inside it. */
export function eachStatementExpression(node: Statement, visit: (expression: Expression) => void): void {
  switch (node.kind) {
    case 'assign':
      visit(node.value);
      for (const target of node.targets) visit(target);
      return;
    case 'augmentedAssign':
      visit(node.target);
      return visit(node.value);
    case 'expression':
      return visit(node.value);
    case 'if':
    case 'while':
      return visit(node.test);
    case 'for':
      visit(node.iterable);
      return visit(node.target);
    case 'return':
      if (node.value) visit(node.value);
      return;
    case 'raise':
      if (node.exception) visit(node.exception);
      if (node.cause) visit(node.cause);
      return;
    case 'functionDefinition':
      return eachDefault(node.parameters, visit);
    case 'break':
    case 'continue':
    case 'pass':
    case 'try':
      return;
  }
}

/** The expressions directly inside a statement, without those of the statements inside it. */
export function statementExpressions(node: Statement): Expression[] {
  const expressions: Expression[] = [];
  eachStatementExpression(node, (expression) => expressions.push(expression));
  return expressions;
}

const NO_BLOCKS: readonly (readonly Statement[])[] = [];

/** The blocks of statements inside a statement, in order. */
export function statementBlocks(node: Statement): readonly (readonly Statement[])[] {
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
      return NO_BLOCKS;
  }
}

/** Visits an expression and everything inside it, outside in. */
export function visitExpression(node: Expression, visit: (node: Expression) => void): void {
  const inside = (expression: Expression): void => {
    visit(expression);
    eachChild(expression, inside);
  };
  inside(node);
}

/** What is called back with what is visited. */
interface Visit {
  readonly statement?: (node: Statement) => void;
  readonly expression?: (node: Expression) => void;
}

/** Visits every statement and expression of a block, outside in, those of local functions too. */
export function visitStatements(block: readonly Statement[], visit: Visit): void {
  const each = visit.expression;
  const inside = (expression: Expression): void => {
    each?.(expression);
    eachChild(expression, inside);
  };
  const visitBlock = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      visit.statement?.(statement);
      if (each) eachStatementExpression(statement, inside);
      for (const inner of statementBlocks(statement)) visitBlock(inner);
    }
  };
  visitBlock(block);
}
