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
  const docstring = body.at(-1);
  return (
    docstring?.name === 'ExpressionStatement' &&
    docstring.firstChild?.name === 'String' &&
    body.slice(0, -1).every(({ name }) => name === 'ImportStatement')
  );
}

/**
 * A stub without the docstring of its last function: the text that a body can
 * be written behind.
 *
 * @param stub a program for which `isFunctionStub` holds
 */
export function withoutDocstring(stub: string): string {
  const last = topStatements(`${stub.trimEnd()}\n`).at(-1);
  const docstring = last === undefined ? undefined : bodyOf(last).at(-1);
  return (docstring === undefined ? stub : stub.slice(0, docstring.from)).trimEnd();
}

/**
 * The last line of a problem that is the signature of `entryPoint`, such as
 * "def f(x: int) -> int:"; undefined where there is none.
 */
export function signatureIn(problem: string, entryPoint: string): string | undefined {
  const opening = `def ${entryPoint}(`;
  const line = problem
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => text.startsWith(opening) && text.endsWith(':'));
  // A signature is what makes a whole function with any body.
  const [parsed] = line === undefined ? [] : topStatements(`${line}\n    pass\n`);
  return parsed?.brokenAt === undefined && parsed?.defines.has(entryPoint) === true ? line : undefined;
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
