import type {
  Argument,
  BoundArgument,
  Expression,
  FormattedPart,
  FunctionDefinition,
  FunctionParameter,
  Statement,
} from './ir.js';

/** Changes an expression whose parts are already changed. */
export type Change = (node: Expression) => Expression;

/** Rebuilds an expression from the inside out. */
export function rewriteExpression(node: Expression, change: Change): Expression {
  return change(rewriteParts(node, (child) => rewriteExpression(child, change)));
}

/** Rebuilds an expression with each expression directly inside it replaced. */
export function rewriteParts(node: Expression, inner: Change): Expression {
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
      return node;
    case 'formatted':
      return { ...node, parts: rewriteFormatted(node.parts, inner) };
    case 'attribute':
      return { ...node, object: inner(node.object) };
    case 'subscript':
      return { ...node, object: inner(node.object), index: inner(node.index) };
    case 'slice':
      return {
        ...node,
        lower: node.lower && inner(node.lower),
        upper: node.upper && inner(node.upper),
        step: node.step && inner(node.step),
      };
    case 'operatorCall':
      return { ...node, arguments: node.arguments.map((argument) => rewriteBound(argument, inner)) };
    case 'helperCall':
      return { ...node, arguments: rewriteArguments(node.arguments, inner) };
    case 'methodCall':
      return { ...node, object: inner(node.object), arguments: rewriteArguments(node.arguments, inner) };
    case 'call':
      return { ...node, function: inner(node.function), arguments: rewriteArguments(node.arguments, inner) };
    case 'await':
    case 'starred':
    case 'named':
      return { ...node, value: inner(node.value) };
    case 'unary':
      return { ...node, operand: inner(node.operand) };
    case 'binary':
      return { ...node, left: inner(node.left), right: inner(node.right) };
    case 'boolean':
      return { ...node, operands: node.operands.map(inner) };
    case 'comparison':
      return {
        ...node,
        left: inner(node.left),
        steps: node.steps.map((step) => ({ ...step, right: inner(step.right) })),
      };
    case 'conditional':
      return { ...node, test: inner(node.test), then: inner(node.then), otherwise: inner(node.otherwise) };
    case 'list':
    case 'tuple':
    case 'set':
      return { ...node, items: node.items.map(inner) };
    case 'dict':
      return {
        ...node,
        entries: node.entries.map((entry) => ({
          key: entry.key && inner(entry.key),
          value: inner(entry.value),
        })),
      };
    case 'comprehension':
      return {
        ...node,
        clauses: node.clauses.map((clause) => ({
          target: inner(clause.target),
          iterable: inner(clause.iterable),
          conditions: clause.conditions.map(inner),
        })),
        element: inner(node.element),
        value: node.value && inner(node.value),
      };
    case 'lambda':
      return { ...node, parameters: rewriteParameters(node.parameters, inner), body: inner(node.body) };
  }
}

function rewriteBound(argument: BoundArgument, inner: Change): BoundArgument {
  return { ...argument, value: inner(argument.value) };
}

function rewriteArguments(args: readonly Argument[], inner: Change): Argument[] {
  return args.map((argument) => ({ ...argument, value: inner(argument.value) }));
}

function rewriteParameters(parameters: readonly FunctionParameter[], inner: Change): FunctionParameter[] {
  return parameters.map((parameter) => ({
    ...parameter,
    defaultValue: parameter.defaultValue && inner(parameter.defaultValue),
  }));
}

function rewriteFormatted(parts: readonly FormattedPart[], inner: Change): FormattedPart[] {
  return parts.map((part) => ({
    ...part,
    value: part.value && inner(part.value),
    spec: rewriteFormatted(part.spec, inner),
  }));
}

/**
 * Rebuilds a statement with each expression directly inside it replaced, in
 * order of appearance, and each block inside it replaced.
 */
export function rewriteStatement(
  node: Statement,
  inner: Change,
  block: (statements: readonly Statement[]) => Statement[],
): Statement {
  switch (node.kind) {
    case 'assign': {
      const targets = node.targets.map(inner);
      return { ...node, targets, value: inner(node.value) };
    }
    case 'augmentedAssign':
      return { ...node, target: inner(node.target), value: inner(node.value) };
    case 'expression':
      return { ...node, value: inner(node.value) };
    case 'if':
      return { ...node, test: inner(node.test), body: block(node.body), otherwise: block(node.otherwise) };
    case 'while':
      return { ...node, test: inner(node.test), body: block(node.body), otherwise: block(node.otherwise) };
    case 'for':
      return {
        ...node,
        target: inner(node.target),
        iterable: inner(node.iterable),
        body: block(node.body),
        otherwise: block(node.otherwise),
      };
    case 'return':
      return { ...node, value: node.value && inner(node.value) };
    case 'raise':
      return {
        ...node,
        exception: node.exception && inner(node.exception),
        cause: node.cause && inner(node.cause),
      };
    case 'try':
      return {
        ...node,
        body: block(node.body),
        handlers: node.handlers.map((handler) => ({ ...handler, body: block(handler.body) })),
        otherwise: block(node.otherwise),
        finalizer: block(node.finalizer),
      };
    case 'functionDefinition':
      return { ...node, parameters: rewriteParameters(node.parameters, inner), body: block(node.body) };
    case 'break':
    case 'continue':
    case 'pass':
      return node;
  }
}

/** Rebuilds every expression of a block from the inside out. */
export function rewriteStatements(block: readonly Statement[], change: Change): Statement[] {
  return block.map((statement) =>
    rewriteStatement(
      statement,
      (expression) => rewriteExpression(expression, change),
      (inner) => rewriteStatements(inner, change),
    ),
  );
}

/** Rebuilds every expression of a function. */
export function rewriteFunction<T extends FunctionDefinition>(node: T, change: Change): T {
  return {
    ...node,
    parameters: rewriteParameters(node.parameters, (value) => rewriteExpression(value, change)),
    body: rewriteStatements(node.body, change),
  };
}
