import type { SyntaxNode } from '@lezer/common';
import type { Argument, ComprehensionClause, DictEntry, Expression, FunctionParameter } from '../ir.js';
import { buildOperators, isOperatorExpression } from './operators.js';
import { buildString } from './build-string.js';
import { buildTarget } from './build-target.js';
import { buildParameters } from './build-parameters.js';
import type { BuildContext } from './cst.js';
import { childrenOf, fail, failSyntax, identifier, nodeRange, rangeOf, splitAt, textOf } from './cst.js';

/**
 * Builds the surface form of an expression: the IR with names, attributes and
 * calls as written (`self.x(…)` is a plain call) and sites 0. Shapes that
 * Python does not have are refused, because the tree's parser accepts many.
 */
export function buildExpression(context: BuildContext, node: SyntaxNode): Expression {
  if (isOperatorExpression(node))
    return buildOperators(context, node, (child) => buildExpression(context, child));
  const builder = BUILDERS[node.name];
  if (builder) return builder(context, node);
  const outside = OUTSIDE[node.name];
  if (outside) fail(context, 'FW021', node, outside);
  return failSyntax(context, node);
}

type Builder = (context: BuildContext, node: SyntaxNode) => Expression;

const OUTSIDE: Readonly<Record<string, string>> = {
  YieldExpression: '"yield" is not in the workflow language; collect values in a list',
  Ellipsis: '"..." is not a value in the workflow language; use None',
};

const BUILDERS: Readonly<Record<string, Builder>> = {
  None: (context, node) => ({ kind: 'none', range: nodeRange(context, node) }),
  Boolean: (context, node) => ({
    kind: 'bool',
    range: nodeRange(context, node),
    value: textOf(context, node) === 'True',
  }),
  Number: buildNumber,
  String: (context, node) => buildString(context, node, (child) => buildExpression(context, child)),
  FormatString: (context, node) => buildString(context, node, (child) => buildExpression(context, child)),
  ContinuedString: (context, node) => buildString(context, node, (child) => buildExpression(context, child)),
  VariableName: (context, node) => ({
    kind: 'name',
    range: nodeRange(context, node),
    name: identifier(context, node),
  }),
  MemberExpression: buildMember,
  CallExpression: buildCall,
  ParenthesizedExpression: buildParenthesized,
  TupleExpression: (context, node) => buildDisplay(context, node, 'tuple'),
  ArrayExpression: (context, node) => buildDisplay(context, node, 'list'),
  SetExpression: (context, node) => buildDisplay(context, node, 'set'),
  DictionaryExpression: buildDict,
  ComprehensionExpression: (context, node) => buildComprehension(context, node, 'generator'),
  ArrayComprehensionExpression: (context, node) => buildComprehension(context, node, 'list'),
  SetComprehensionExpression: (context, node) => buildComprehension(context, node, 'set'),
  DictionaryComprehensionExpression: (context, node) => buildComprehension(context, node, 'dict'),
  ConditionalExpression: buildConditional,
  LambdaExpression: buildLambda,
  NamedExpression: buildNamed,
};

function buildNumber(context: BuildContext, node: SyntaxNode): Expression {
  const range = nodeRange(context, node);
  const text = textOf(context, node).replaceAll('_', '');
  if (/^0[xXoObB]/.test(text) || /^\d+$/.test(text)) {
    return { kind: 'int', range, digits: BigInt(/^0+$/.test(text) ? '0' : text).toString() };
  }
  const value = Number(text);
  if (Number.isNaN(value)) failSyntax(context, node);
  return { kind: 'float', range, value };
}

/** Children between the first and the last, which must be the given brackets. */
function inside(context: BuildContext, node: SyntaxNode): SyntaxNode[] {
  const children = childrenOf(node);
  if (children.length < 2) failSyntax(context, node);
  return children.slice(1, -1);
}

/** One item of a display, call or tuple: an expression or `*expression`. */
export function buildItem(
  context: BuildContext,
  nodes: readonly SyntaxNode[],
  whole: SyntaxNode,
): Expression {
  const [first, second] = nodes;
  if (first && nodes.length === 1) return buildExpression(context, first);
  if (first?.name === '*' && second && nodes.length === 2) {
    if (second.name === 'ConditionalExpression' || second.name === 'LambdaExpression')
      failSyntax(context, first);
    const value = buildExpression(context, second);
    if (value.kind === 'comparison' || value.kind === 'boolean' || isNot(value)) {
      if (second.name !== 'ParenthesizedExpression') failSyntax(context, first);
    }
    return { kind: 'starred', range: rangeOf(context, first.from, second.to), value };
  }
  return failSyntax(context, first ?? whole);
}

function isNot(value: Expression): boolean {
  return value.kind === 'unary' && value.operator === 'not';
}

/** A bare list of expressions: `a` or the tuple `a, b`. */
export function buildExpressionList(
  context: BuildContext,
  nodes: readonly SyntaxNode[],
  whole: SyntaxNode,
): Expression {
  const first = nodes[0];
  const last = nodes.at(-1);
  if (!first || !last) return failSyntax(context, whole);
  if (first === last && first.name !== ',') return buildExpression(context, first);
  const parts = splitAt(nodes, ',');
  const items = parts.map((part) => buildItem(context, part, whole));
  const [only] = items;
  if (only && items.length === 1 && last.name !== ',') {
    if (only.kind === 'starred')
      failSyntax(context, first, 'a single "*" value needs a list or tuple around it');
    return only;
  }
  return { kind: 'tuple', range: rangeOf(context, first.from, last.to), items };
}

function buildDisplay(context: BuildContext, node: SyntaxNode, kind: 'tuple' | 'list' | 'set'): Expression {
  const items = splitAt(inside(context, node), ',').map((part) => buildItem(context, part, node));
  return { kind, range: nodeRange(context, node), items };
}

function buildParenthesized(context: BuildContext, node: SyntaxNode): Expression {
  const children = inside(context, node);
  const [inner] = children;
  if (!inner || children.length !== 1) return failSyntax(context, node);
  return buildExpression(context, inner);
}

function buildDict(context: BuildContext, node: SyntaxNode): Expression {
  const entries = splitAt(inside(context, node), ',').map((part): DictEntry => {
    const [a, b, c] = part;
    if (a?.name === '**' && b && part.length === 2)
      return { key: undefined, value: buildExpression(context, b) };
    if (a && b?.name === ':' && c && part.length === 3) {
      return { key: buildExpression(context, a), value: buildExpression(context, c) };
    }
    return failSyntax(context, a ?? node);
  });
  return { kind: 'dict', range: nodeRange(context, node), entries };
}

function buildConditional(context: BuildContext, node: SyntaxNode): Expression {
  const [then, ifWord, test, elseWord, otherwise] = childrenOf(node);
  if (!then || ifWord?.name !== 'if' || !test || elseWord?.name !== 'else' || !otherwise) {
    return failSyntax(context, node);
  }
  return {
    kind: 'conditional',
    range: nodeRange(context, node),
    test: buildExpression(context, test),
    then: buildExpression(context, then),
    otherwise: buildExpression(context, otherwise),
  };
}

function buildLambda(context: BuildContext, node: SyntaxNode): Expression {
  const [word, parameters, colon, body] = childrenOf(node);
  if (word?.name !== 'lambda' || parameters?.name !== 'ParamList' || colon?.name !== ':' || !body) {
    return failSyntax(context, node);
  }
  const list: FunctionParameter[] = buildParameters(context, childrenOf(parameters), (child) =>
    buildExpression(context, child),
  );
  return {
    kind: 'lambda',
    range: nodeRange(context, node),
    parameters: list,
    body: buildExpression(context, body),
  };
}

function buildNamed(context: BuildContext, node: SyntaxNode): Expression {
  const [target, operator, value, extra] = childrenOf(node);
  if (!target || !operator || !value || extra) return failSyntax(context, node);
  return named(context, node, target, value);
}

function named(context: BuildContext, node: SyntaxNode, target: SyntaxNode, value: SyntaxNode): Expression {
  if (target.name !== 'VariableName') fail(context, 'FW018', target, '":=" can only set a plain name');
  return {
    kind: 'named',
    range: rangeOf(context, target.from, Math.min(value.to, node.to)),
    name: identifier(context, target),
    value: buildExpression(context, value),
  };
}

function buildMember(context: BuildContext, node: SyntaxNode): Expression {
  const [object, mark, ...rest] = childrenOf(node);
  if (!object || !mark) return failSyntax(context, node);
  const range = nodeRange(context, node);
  const value = buildExpression(context, object);
  const [property] = rest;
  if (mark.name === '.') {
    if (property?.name !== 'PropertyName') return failSyntax(context, node);
    return { kind: 'attribute', range, object: value, name: identifier(context, property) };
  }
  if (mark.name !== '[' || rest.at(-1)?.name !== ']') return failSyntax(context, node);
  return { kind: 'subscript', range, object: value, index: buildIndex(context, rest.slice(0, -1), node) };
}

function buildIndex(context: BuildContext, nodes: readonly SyntaxNode[], whole: SyntaxNode): Expression {
  if (!nodes.some((node) => node.name === ':')) {
    const index = buildExpressionList(context, nodes, whole);
    return index;
  }
  const comma = nodes.find((node) => node.name === ',');
  if (comma) fail(context, 'FW021', comma, 'an index of several slices is not in the workflow language');
  const bounds: (Expression | undefined)[] = [undefined, undefined, undefined];
  let at = 0;
  for (const node of nodes) {
    if (node.name === ':') at++;
    else if (at > 2 || bounds[at] || node.name === 'NamedExpression') failSyntax(context, node);
    else bounds[at] = buildExpression(context, node);
  }
  const first = nodes[0] ?? whole;
  const last = nodes.at(-1) ?? whole;
  if (at > 2) failSyntax(context, last);
  const [lower, upper, step] = bounds;
  return { kind: 'slice', range: rangeOf(context, first.from, last.to), lower, upper, step };
}

function buildCall(context: BuildContext, node: SyntaxNode): Expression {
  const [callee, list] = childrenOf(node);
  if (!callee || list?.name !== 'ArgList') return failSyntax(context, node);
  return {
    kind: 'call',
    range: nodeRange(context, node),
    site: 0,
    function: buildExpression(context, callee),
    arguments: buildArguments(context, list),
  };
}

/** Builds an argument list, keyword arguments by name. */
export function buildArguments(context: BuildContext, list: SyntaxNode): Argument[] {
  const inner = inside(context, list);
  if (inner.some((node) => node.name === 'for')) return [generatorArgument(context, inner, list)];
  const parts = splitAt(inner, ',');
  const args: Argument[] = [];
  const names = new Set<string>();
  for (const part of parts) {
    const argument = buildArgument(context, part, list);
    if (argument.name === '') {
      if (names.size > 0 && argument.value.kind !== 'starred') {
        fail(
          context,
          'FW019',
          part[0] ?? list,
          'a positional argument stands after a named one; name it too, or move it forward',
        );
      }
    } else if (names.has(argument.name)) {
      context.diagnostics.add('FW106', argument.range, `the argument "${argument.name}" is given twice`);
    }
    if (argument.name !== '') names.add(argument.name);
    args.push(argument);
  }
  return args;
}

/** The one argument of a call such as `sum(a for a, b in c)`: commas may stand in its targets only. */
function generatorArgument(context: BuildContext, inner: readonly SyntaxNode[], list: SyntaxNode): Argument {
  let inTarget = false;
  for (const node of inner) {
    if (node.name === 'for') inTarget = true;
    else if (node.name === 'in') inTarget = false;
    else if (node.name === ',' && !inTarget) {
      failSyntax(context, node, 'a generator beside other arguments needs parentheses');
    }
  }
  const value = comprehension(context, inner, list, 'generator');
  return { range: value.range, name: '', value };
}

function buildArgument(context: BuildContext, part: readonly SyntaxNode[], list: SyntaxNode): Argument {
  const [first, second, third] = part;
  const last = part.at(-1);
  if (!first || !last) return failSyntax(context, list);
  const range = rangeOf(context, first.from, last.to);
  if (first.name === '**') {
    return fail(
      context,
      'FW021',
      first,
      '"**" arguments are not in the workflow language; name each argument',
    );
  }
  if (second?.name === 'AssignOp' && third && part.length === 3) {
    if (first.name !== 'VariableName') return failSyntax(context, first);
    if (textOf(context, second) === ':=')
      return { range, name: '', value: named(context, list, first, third) };
    return { range, name: identifier(context, first), value: buildExpression(context, third) };
  }
  if (first.name === '*' && second && part.length === 2) {
    return { range, name: '', value: { kind: 'starred', range, value: buildExpression(context, second) } };
  }
  return { range, name: '', value: buildItem(context, part, list) };
}

type Form = 'list' | 'set' | 'dict' | 'generator';

function buildComprehension(context: BuildContext, node: SyntaxNode, form: Form): Expression {
  return comprehension(context, inside(context, node), node, form);
}

function comprehension(
  context: BuildContext,
  nodes: readonly SyntaxNode[],
  whole: SyntaxNode,
  form: Form,
): Expression {
  const start = nodes.findIndex((node) => node.name === 'for' || node.name === 'async');
  const head = nodes.slice(0, start);
  const [element, colon, value] = head;
  if (!element || element.name === '*' || element.name === '**') {
    return failSyntax(context, element ?? whole, 'a comprehension cannot unpack with "*"');
  }
  if (form === 'dict' ? colon?.name !== ':' || !value || head.length !== 3 : head.length !== 1) {
    return failSyntax(context, element);
  }
  const clauses = buildClauses(context, nodes.slice(start), whole);
  return {
    kind: 'comprehension',
    range:
      whole.name === 'ArgList'
        ? rangeOf(context, element.from, nodes.at(-1)?.to ?? element.to)
        : nodeRange(context, whole),
    site: 0,
    form,
    element: buildExpression(context, element),
    value: form === 'dict' && value ? buildExpression(context, value) : undefined,
    clauses,
  };
}

function buildClauses(
  context: BuildContext,
  nodes: readonly SyntaxNode[],
  whole: SyntaxNode,
): ComprehensionClause[] {
  const clauses: { target: Expression; iterable: Expression; conditions: Expression[] }[] = [];
  let at = 0;
  const plain = (node: SyntaxNode | undefined): Expression => {
    if (!node) return failSyntax(context, whole);
    if (node.name === 'LambdaExpression' || node.name === 'NamedExpression') failSyntax(context, node);
    return buildExpression(context, node);
  };
  while (at < nodes.length) {
    const word = nodes[at++];
    if (word?.name === 'async')
      fail(context, 'FW021', word, '"async for" is not in the workflow language; use "for"');
    if (word?.name === 'if') {
      const clause = clauses.at(-1);
      if (!clause) return failSyntax(context, word);
      clause.conditions.push(plain(nodes[at++]));
      continue;
    }
    if (word?.name !== 'for') return failSyntax(context, word ?? whole);
    const target: SyntaxNode[] = [];
    for (let node = nodes[at]; node && node.name !== 'in'; node = nodes[++at]) target.push(node);
    at++;
    const iterable = nodes[at];
    if (iterable?.name === 'ConditionalExpression') failSyntax(context, iterable);
    clauses.push({ target: buildTarget(context, target, whole), iterable: plain(iterable), conditions: [] });
    at++;
  }
  return clauses;
}
