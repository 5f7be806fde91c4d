import { bodyOf, topStatements, type TopStatement } from './python-tree.js';

/**
 * Whether a problem is a Python program that ends with the signature and
 * docstring of `entryPoint`, so that a model can simply write on.
 */
export function isFunctionStub(problem: string, entryPoint: string): boolean {
  if (entryPoint === '') return false;
  const statements = topStatements(`${problem.trimEnd()}\n`);
  const last = statements.at(-1);
  if (last?.kind !== 'FunctionDefinition' || !last.defines.has(entryPoint)) return false;
  if (statements.some(({ brokenAt }) => brokenAt !== undefined)) return false;
  const body = bodyOf(last);
  return (
    body.length === 1 && body[0]?.name === 'ExpressionStatement' && body[0].firstChild?.name === 'String'
  );
}

/** Whether a function has nothing but a docstring, `pass` or `...` in it. */
export function isEmptyFunction(statement: TopStatement): boolean {
  if (statement.kind !== 'FunctionDefinition') return false;
  return bodyOf(statement).every(
    (node) =>
      node.name === 'PassStatement' ||
      (node.name === 'ExpressionStatement' && /^(String|Ellipsis)$/.test(node.firstChild?.name ?? '')),
  );
}
