import { topStatements } from './python-tree.js';

/**
 * Whether a problem is a Python program that ends with the signature and
 * docstring of `entryPoint`, so that a model can simply write on.
 */
export function isFunctionStub(problem: string, entryPoint: string): boolean {
  if (entryPoint === '') return false;
  const text = `${problem.trimEnd()}\n`;
  const statements = topStatements(text);
  const last = statements.at(-1);
  if (last?.kind !== 'FunctionDefinition' || !last.defines.includes(entryPoint)) return false;
  if (statements.some((statement) => statement !== last && statement.broken)) return false;
  const body = last.node.getChild('Body');
  const inBody = [];
  for (let node = body?.firstChild ?? null; node !== null; node = node.nextSibling) {
    if (node.name !== ':' && node.name !== 'Comment' && !node.type.isError) inBody.push(node);
  }
  const [only] = inBody;
  return inBody.length === 1 && only?.name === 'ExpressionStatement' && only.firstChild?.name === 'String';
}
