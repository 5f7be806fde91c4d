import type { Statement } from '../ir.js';

/** Signatures of local functions by name. */
export type LocalFunctions = ReadonlyMap<
  string,
  readonly { readonly name: string; readonly optional: boolean }[]
>;

/** Adds the functions that a block defines directly to those seen from outside. */
export function withLocalFunctions(
  outer: LocalFunctions,
  block: readonly Statement[],
  bound: ReadonlySet<string>,
): LocalFunctions {
  const functions = new Map([...outer].filter(([name]) => !bound.has(name)));
  const seen = new Set<string>();
  for (const statement of block) {
    if (statement.kind !== 'functionDefinition') continue;
    // A name with two definitions has no signature that is sure.
    if (seen.has(statement.name)) functions.delete(statement.name);
    else {
      functions.set(
        statement.name,
        statement.parameters.map((parameter) => ({
          name: parameter.name,
          optional: parameter.defaultValue !== undefined,
        })),
      );
    }
    seen.add(statement.name);
  }
  return functions;
}
