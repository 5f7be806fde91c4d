import type { SyntaxNode } from '@lezer/common';
import type { BinaryOperator, Expression, FunctionDefinition, Handler, Statement } from '../ir.js';
import { checkAnnotation } from './annotations.js';
import { buildExpression, buildExpressionList } from './build-expression.js';
import { buildParameters } from './build-parameters.js';
import { buildTarget, targetProblem } from './build-target.js';
import { recordImport } from './build-import.js';
import type { BuildContext } from './cst.js';
import {
  SyntaxFailure,
  childrenOf,
  fail,
  failSyntax,
  identifier,
  nodeRange,
  rangeOf,
  splitAt,
  textOf,
} from './cst.js';

/** Builds the statements of a block. A statement that is no Python is reported and left out. */
export function buildBody(
  context: BuildContext,
  body: SyntaxNode | undefined,
  whole: SyntaxNode,
): Statement[] {
  if (body?.name !== 'Body') return failSyntax(context, whole);
  const [, ...nodes] = childrenOf(body);
  return buildStatements(context, nodes);
}

/** Builds statements one by one. */
export function buildStatements(context: BuildContext, nodes: readonly SyntaxNode[]): Statement[] {
  const statements: Statement[] = [];
  for (const node of nodes) {
    try {
      if (node.name === 'StatementGroup') statements.push(...buildGroup(context, node));
      else statements.push(buildStatement(context, node));
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      for (const name of textOf(context, node).match(/[A-Za-z_]\w*/g) ?? []) context.lostNames.add(name);
      statements.push({ kind: 'pass', range: nodeRange(context, node) });
    }
  }
  return statements;
}

function buildGroup(context: BuildContext, node: SyntaxNode): Statement[] {
  const children = childrenOf(node);
  children.forEach((child, index) => {
    const shouldBeMark = index % 2 === 1;
    if ((child.name === ';') !== shouldBeMark) failSyntax(context, child);
  });
  return buildStatements(
    context,
    children.filter((child) => child.name !== ';'),
  );
}

type Builder = (context: BuildContext, node: SyntaxNode) => Statement;

function buildStatement(context: BuildContext, node: SyntaxNode): Statement {
  const builder = BUILDERS[node.name];
  if (builder) return builder(context, node);
  const outside = OUTSIDE[node.name];
  const isFile = node.name === 'WithStatement' && /^(?:async\s+)?with\s+open\b/.test(textOf(context, node));
  if (isFile)
    fail(context, 'FW020', firstLine(node), 'there are no files in a workflow; pass data through "problem"');
  if (outside) fail(context, 'FW020', firstLine(node), outside);
  return failSyntax(context, node);
}

function firstLine(node: SyntaxNode): SyntaxNode {
  return node.firstChild ?? node;
}

const OUTSIDE: Readonly<Record<string, string>> = {
  WithStatement: '"with" is not in the workflow language; call what is needed directly',
  MatchStatement: '"match" is not in the workflow language; use "if" and "elif"',
  DeleteStatement: '"del" is not in the workflow language; use ".pop(…)" or build a new value',
  AssertStatement: '"assert" is not in the workflow language; use "if" and "raise ValueError(…)"',
  ScopeStatement:
    '"global" and "nonlocal" are not in the workflow language; return the value, or use "self.name"',
  YieldStatement: '"yield" is not in the workflow language; collect values in a list and return it',
  PrintStatement: '"print" without brackets is Python 2; leave it out',
  ClassDefinition: 'a class inside the workflow is not in the workflow language; use dicts and methods',
  DecoratedStatement: 'decorators are not in the workflow language; leave it out',
  TypeDefinition: '"type" is not in the workflow language; leave it out',
};

const BUILDERS: Readonly<Record<string, Builder>> = {
  AssignStatement: buildAssign,
  UpdateStatement: buildUpdate,
  ExpressionStatement: buildExpressionStatement,
  PassStatement: (context, node) => ({ kind: 'pass', range: nodeRange(context, node) }),
  BreakStatement: (context, node) => ({ kind: 'break', range: nodeRange(context, node) }),
  ContinueStatement: (context, node) => ({ kind: 'continue', range: nodeRange(context, node) }),
  ReturnStatement: (context, node) => {
    const values = childrenOf(node).slice(1);
    return {
      kind: 'return',
      range: nodeRange(context, node),
      value: values.length === 0 ? undefined : buildExpressionList(context, values, node),
    };
  },
  RaiseStatement: buildRaise,
  ImportStatement: (context, node) => {
    recordImport(context, textOf(context, node), nodeRange(context, node));
    return { kind: 'pass', range: nodeRange(context, node) };
  },
  IfStatement: buildIf,
  WhileStatement: buildWhile,
  ForStatement: buildFor,
  TryStatement: buildTry,
  FunctionDefinition: (context, node) => ({ kind: 'functionDefinition', ...buildFunction(context, node) }),
};

function buildAssign(context: BuildContext, node: SyntaxNode): Statement {
  const range = nodeRange(context, node);
  const children = childrenOf(node);
  const annotation = children.find((child) => child.name === 'TypeDef');
  if (annotation) return buildAnnotated(context, node, children, annotation);
  const parts = splitAt(children, 'AssignOp');
  const valueNodes = parts.at(-1) ?? [];
  if (children.at(-1)?.name === 'AssignOp') failSyntax(context, node);
  const targets = parts.slice(0, -1).map((part) => buildTarget(context, part, node));
  if (targets.length === 0) return failSyntax(context, node);
  return { kind: 'assign', range, targets, value: buildExpressionList(context, valueNodes, node) };
}

function buildAnnotated(
  context: BuildContext,
  node: SyntaxNode,
  children: readonly SyntaxNode[],
  annotation: SyntaxNode,
): Statement {
  const range = nodeRange(context, node);
  checkAnnotation(context, annotation);
  const at = children.indexOf(annotation);
  const [targetNode, extra] = children.slice(0, at);
  const [operator, ...valueNodes] = children.slice(at + 1);
  if (!targetNode || extra) return failSyntax(context, node, 'only a single name can have a type');
  const target = buildTarget(context, [targetNode], node);
  if (target.kind === 'tuple' || target.kind === 'list')
    failSyntax(context, node, 'only a single name can have a type');
  if (!operator) return { kind: 'pass', range };
  if (valueNodes.length === 0 || valueNodes.some((child) => child.name === 'AssignOp'))
    failSyntax(context, node);
  return { kind: 'assign', range, targets: [target], value: buildExpressionList(context, valueNodes, node) };
}

function buildUpdate(context: BuildContext, node: SyntaxNode): Statement {
  const children = childrenOf(node);
  const at = children.findIndex((child) => child.name === 'UpdateOp');
  const operatorNode = children[at];
  const [targetNode, extra] = children.slice(0, at);
  if (!operatorNode || !targetNode || extra) return failSyntax(context, node);
  const target = buildExpression(context, targetNode);
  if (target.kind !== 'name' && target.kind !== 'attribute' && target.kind !== 'subscript') {
    fail(
      context,
      'FW018',
      targetNode,
      targetProblem(target) ?? 'an augmented assignment sets a single name or item',
    );
  }
  const operator = textOf(context, operatorNode).slice(0, -1);
  if (operator === '@') fail(context, 'FW021', operatorNode, '"@=" is not in the workflow language');
  return {
    kind: 'augmentedAssign',
    range: nodeRange(context, node),
    target,
    operator: operator as BinaryOperator,
    value: buildExpressionList(context, children.slice(at + 1), node),
  };
}

function buildExpressionStatement(context: BuildContext, node: SyntaxNode): Statement {
  const range = nodeRange(context, node);
  const children = childrenOf(node);
  const [only] = children;
  if (children.length === 1 && (only?.name === 'Ellipsis' || only?.name === 'String'))
    return { kind: 'pass', range };
  const value = buildExpressionList(context, children, node);
  return value.kind === 'string' ? { kind: 'pass', range } : { kind: 'expression', range, value };
}

function buildRaise(context: BuildContext, node: SyntaxNode): Statement {
  const [, exception, from, cause, extra] = childrenOf(node);
  if (extra || (from && (from.name !== 'from' || !cause))) {
    return failSyntax(context, from ?? node, 'raise takes one exception: raise ValueError("…")');
  }
  return {
    kind: 'raise',
    range: nodeRange(context, node),
    exception: exception && buildExpression(context, exception),
    cause: cause && buildExpression(context, cause),
  };
}

/** Branches of one `if`, at most: each is nested in the one before it. */
const MAX_BRANCHES = 100;

function buildIf(context: BuildContext, node: SyntaxNode): Statement {
  const children = childrenOf(node);
  if (children.filter((child) => child.name === 'elif').length > MAX_BRANCHES) {
    fail(context, 'FW004', firstLine(node), `an "if" may have ${MAX_BRANCHES} "elif" at most; use a dict`);
  }
  return ifChain(context, node, children);
}

function ifChain(context: BuildContext, node: SyntaxNode, parts: readonly SyntaxNode[]): Statement {
  const [, test, body, ...rest] = parts;
  if (!test || test.name === 'Body')
    return failSyntax(context, parts[0] ?? node, 'a condition is missing after this word');
  const built = { test: buildExpression(context, test), body: buildBody(context, body, node) };
  let otherwise: Statement[] = [];
  const [next] = rest;
  if (next?.name === 'elif') otherwise = [ifChain(context, node, rest)];
  else if (next?.name === 'else') otherwise = buildElse(context, rest, node);
  else if (next) failSyntax(context, next);
  const range = rangeOf(context, (parts[0] ?? node).from, node.to);
  return { kind: 'if', range, ...built, otherwise };
}

function buildElse(context: BuildContext, parts: readonly SyntaxNode[], whole: SyntaxNode): Statement[] {
  const [word, body, extra] = parts;
  if (word?.name !== 'else' || extra) return failSyntax(context, extra ?? word ?? whole);
  return buildBody(context, body, whole);
}

function buildWhile(context: BuildContext, node: SyntaxNode): Statement {
  const [, test, body, ...rest] = childrenOf(node);
  if (!test || test.name === 'Body') return failSyntax(context, node);
  return {
    kind: 'while',
    range: nodeRange(context, node),
    site: 0,
    test: buildExpression(context, test),
    body: buildBody(context, body, node),
    otherwise: rest.length === 0 ? [] : buildElse(context, rest, node),
  };
}

function buildFor(context: BuildContext, node: SyntaxNode): Statement {
  const children = childrenOf(node);
  const [first] = children;
  if (first?.name === 'async')
    fail(context, 'FW020', first, '"async for" is not in the workflow language; use "for"');
  const inAt = children.findIndex((child) => child.name === 'in');
  const bodyAt = children.findIndex((child) => child.name === 'Body');
  if (inAt < 0 || bodyAt < inAt) return failSyntax(context, node);
  const rest = children.slice(bodyAt + 1);
  return {
    kind: 'for',
    range: nodeRange(context, node),
    site: 0,
    target: buildTarget(context, children.slice(1, inAt), node),
    iterable: buildExpressionList(context, children.slice(inAt + 1, bodyAt), node),
    body: buildBody(context, children[bodyAt], node),
    otherwise: rest.length === 0 ? [] : buildElse(context, rest, node),
  };
}

function buildTry(context: BuildContext, node: SyntaxNode): Statement {
  const [, body, ...rest] = childrenOf(node);
  const built = buildBody(context, body, node);
  const handlers: Handler[] = [];
  let otherwise: Statement[] = [];
  let finalizer: Statement[] = [];
  let stage = 0;
  while (rest.length > 0) {
    const end = rest.findIndex((child) => child.name === 'Body');
    if (end < 0) failSyntax(context, node);
    const part = rest.splice(0, end + 1);
    const [word, next] = part;
    if (word?.name === 'except' && stage === 0) handlers.push(buildHandler(context, part, node, handlers));
    else if (word?.name === 'else' && stage === 0 && handlers.length > 0 && part.length === 2) {
      stage = 1;
      otherwise = buildBody(context, next, node);
    } else if (word?.name === 'finally' && stage < 2 && part.length === 2) {
      stage = 2;
      finalizer = buildBody(context, next, node);
    } else failSyntax(context, word ?? node);
  }
  if (handlers.length === 0 && stage < 2) {
    failSyntax(context, firstLine(node), '"try" needs an "except" or a "finally" block');
  }
  return { kind: 'try', range: nodeRange(context, node), body: built, handlers, otherwise, finalizer };
}

function buildHandler(
  context: BuildContext,
  part: readonly SyntaxNode[],
  whole: SyntaxNode,
  before: readonly Handler[],
): Handler {
  const [word, type, as, name] = part.slice(0, -1);
  if (!word || part.length > 5) return failSyntax(context, word ?? whole);
  if (before.some((handler) => handler.types.length === 0)) {
    failSyntax(context, word, 'an "except" without a type must be the last one');
  }
  if (type?.name === '*')
    fail(context, 'FW020', type, '"except*" is not in the workflow language; use "except"');
  if (as && (as.name !== 'as' || !name)) failSyntax(context, as, 'write "except Type as name"');
  return {
    range: rangeOf(context, word.from, part.at(-1)?.to ?? word.to),
    types: type ? exceptionNames(context, type) : [],
    name: name ? identifier(context, name) : '',
    body: buildBody(context, part.at(-1), whole),
  };
}

function exceptionNames(context: BuildContext, node: SyntaxNode): string[] {
  const value: Expression = buildExpression(context, node);
  const items = value.kind === 'tuple' ? value.items : [value];
  return items.map((item) => {
    if (item.kind === 'name') return item.name;
    if (item.kind === 'attribute' && item.object.kind === 'name') return `${item.object.name}.${item.name}`;
    return fail(context, 'FW021', node, 'after "except" only exception names may stand, such as ValueError');
  });
}

/** Builds a function definition. */
export function buildFunction(context: BuildContext, node: SyntaxNode): FunctionDefinition {
  const children = childrenOf(node);
  const isAsync = children[0]?.name === 'async';
  const [word, nameNode, list, ...rest] = isAsync ? children.slice(1) : children;
  if (word?.name !== 'def' || nameNode?.name !== 'VariableName' || list?.name !== 'ParamList') {
    return failSyntax(context, node);
  }
  const annotation = rest.find((child) => child.name === 'TypeDef');
  if (annotation) checkAnnotation(context, annotation);
  const parameterNodes = childrenOf(list).slice(1, -1);
  for (const child of parameterNodes) if (child.name === 'TypeDef') checkAnnotation(context, child);
  return {
    range: nodeRange(context, node),
    name: identifier(context, nameNode),
    isAsync,
    parameters: buildParameters(context, parameterNodes, (child) => buildExpression(context, child)),
    body: buildBody(context, rest.at(-1), node),
    locals: [],
  };
}
