import type { SyntaxNode } from '@lezer/common';

/** Nodes whose targets are known inside them only. */
const COMPREHENSIONS: ReadonlySet<string> = new Set([
  'ArrayComprehensionExpression',
  'SetComprehensionExpression',
  'DictionaryComprehensionExpression',
  'ComprehensionExpression',
]);

function* childrenOf(node: SyntaxNode): Generator<SyntaxNode> {
  for (let child = node.firstChild; child !== null; child = child.nextSibling) yield child;
}

function textOf(source: string, node: SyntaxNode): string {
  return source.slice(node.from, node.to);
}

/** Collects names. A set that is handed down, because trees can be deep and generators would slow down with depth. */
type Names = Set<string>;

/** Names in targets such as `a, (b, *c)`; what stands in brackets or before a dot is not bound. */
function addTargets(source: string, node: SyntaxNode, into: Names): void {
  if (node.name === 'VariableName') into.add(textOf(source, node));
  if (node.name !== 'TupleExpression' && node.name !== 'ArrayExpression') return;
  for (const child of childrenOf(node)) addTargets(source, child, into);
}

/** The children before the last one of a name; none where there is no such child. */
function before(node: SyntaxNode, name: string): SyntaxNode[] {
  const children = [...childrenOf(node)];
  return children.slice(
    0,
    Math.max(
      0,
      children.findLastIndex((child) => child.name === name),
    ),
  );
}

function addImports(source: string, node: SyntaxNode, into: Names): void {
  let isOpen = node.getChild('from') === null;
  for (const child of childrenOf(node)) {
    if (child.name === 'import') isOpen = true;
    else if (isOpen && child.name === 'VariableName') {
      // `import a.b` binds a, `import a as b` binds b.
      const isPart = child.prevSibling?.name === '.';
      if (!isPart && child.nextSibling?.name !== 'as') into.add(textOf(source, child));
    }
  }
}

function addParameters(source: string, list: SyntaxNode, into: Names): void {
  for (const child of childrenOf(list)) {
    if (child.name === 'VariableName' && child.prevSibling?.name !== 'AssignOp')
      into.add(textOf(source, child));
  }
}

/**
 * Names that a node binds in its own scope: targets, imports, functions and
 * classes, in blocks inside it too, but not inside its functions and classes.
 */
export function boundNames(source: string, node: SyntaxNode): ReadonlySet<string> {
  const names: Names = new Set();
  addBound(source, node, names);
  return names;
}

function addBound(source: string, node: SyntaxNode, into: Names): void {
  if (node.name === 'LambdaExpression' || COMPREHENSIONS.has(node.name)) return;
  if (node.name === 'FunctionDefinition' || node.name === 'ClassDefinition') {
    const name = node.getChild('VariableName');
    if (name !== null) into.add(textOf(source, name));
    return;
  }
  if (node.name === 'ImportStatement') {
    addImports(source, node, into);
    return;
  }
  for (const target of targetsOf(node)) addTargets(source, target, into);
  for (const child of childrenOf(node)) addBound(source, child, into);
}

/** The children of a node that are assigned to. */
function targetsOf(node: SyntaxNode): SyntaxNode[] {
  switch (node.name) {
    case 'AssignStatement':
      return before(node, 'AssignOp');
    case 'ForStatement':
      return before(node, 'in');
    case 'WithStatement':
    case 'TryStatement':
      return [...childrenOf(node)].filter((child) => child.prevSibling?.name === 'as');
    case 'TypeDefinition':
      return node.getChildren('VariableName').slice(0, 1);
    case 'NamedExpression':
    case 'UpdateStatement':
      return node.firstChild === null ? [] : [node.firstChild];
    default:
      return [];
  }
}

/** Names that a node takes from around it: those it reads less those its functions bind themselves. */
export function freeNames(source: string, node: SyntaxNode): ReadonlySet<string> {
  const free: Names = new Set();
  collectFree(source, node, free);
  return free;
}

function collectFree(source: string, node: SyntaxNode, into: Names): void {
  if (node.name === 'FunctionDefinition' || node.name === 'LambdaExpression') {
    collectFunction(source, node, into);
    return;
  }
  if (COMPREHENSIONS.has(node.name)) {
    const inner: Names = new Set();
    for (const child of childrenOf(node)) collectFree(source, child, inner);
    for (const target of comprehensionTargets(source, node)) inner.delete(target);
    for (const name of inner) into.add(name);
    return;
  }
  if (node.name === 'VariableName' && !isKeyword(node)) into.add(textOf(source, node));
  for (const child of childrenOf(node)) collectFree(source, child, into);
}

/** The name in `f(name=value)`. */
function isKeyword(node: SyntaxNode): boolean {
  return node.parent?.name === 'ArgList' && node.nextSibling?.name === 'AssignOp';
}

function comprehensionTargets(source: string, node: SyntaxNode): Names {
  const names: Names = new Set();
  let isTarget = false;
  for (const child of childrenOf(node)) {
    if (child.name === 'for') isTarget = true;
    else if (child.name === 'in') isTarget = false;
    else if (isTarget) addTargets(source, child, names);
  }
  return names;
}

function collectFunction(source: string, node: SyntaxNode, into: Names): void {
  const parameters = node.getChild('ParamList');
  const locals: Names = new Set();
  if (parameters !== null) addParameters(source, parameters, locals);
  const inner: Names = new Set();
  const shared: Names = new Set();
  for (const child of childrenOf(node)) {
    if (child.name === 'ParamList') {
      // Defaults and annotations belong to the scope around the function.
      for (const part of childrenOf(child)) {
        if (part.name !== 'VariableName' || part.prevSibling?.name === 'AssignOp')
          collectFree(source, part, into);
      }
    } else if (child.name === 'TypeDef') {
      collectFree(source, child, into);
    } else if (child.name !== 'VariableName' || node.name === 'LambdaExpression') {
      addBound(source, child, locals);
      collectFree(source, child, inner);
      collectGlobals(source, child, shared);
    }
  }
  for (const name of inner) if (!locals.has(name) || shared.has(name)) into.add(name);
}

function collectGlobals(source: string, node: SyntaxNode, into: Names): void {
  node.cursor().iterate((child) => {
    if (child.name !== 'ScopeStatement' || !source.startsWith('global', child.from)) return;
    for (const name of childrenOf(child.node))
      if (name.name === 'VariableName') into.add(textOf(source, name));
  });
}
