import { FlowError } from './flow-error.js';

type Variables<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Variables<Rest>
  : never;

/** Longest resource name, in characters. */
const maxLength = 256;

const segment = '[A-Za-z0-9][A-Za-z0-9._~-]{0,127}';

/**
 * Reads a resource name by a pattern: `parseName('runs/{run}', name, 'name')`
 * gives `{ run }`. Ids are 1 to 128 letters, digits, `.`, `_`, `~` or `-`.
 *
 * @param field the request's field, for the error
 * @throws FlowError INVALID_ARGUMENT with reason NAME_INVALID
 */
export function parseName<P extends string>(
  pattern: P,
  name: string,
  field: string,
): Record<Variables<P>, string> {
  const source = pattern.replaceAll(/\{(\w+)\}/g, `(?<$1>${segment})`);
  const match = name.length > maxLength ? null : new RegExp(`^${source}$`).exec(name);
  if (match === null) {
    const description = `must look like ${pattern}`;
    throw new FlowError('INVALID_ARGUMENT', 'NAME_INVALID', `${field} ${description}`, {
      fieldViolations: [{ field, description }],
    });
  }
  return { ...match.groups } as Record<Variables<P>, string>;
}

/** Writes a resource name by a pattern: `formatName('runs/{run}', { run })`. */
export function formatName<P extends string>(
  pattern: P,
  ids: Readonly<Record<Variables<P>, string>>,
): string {
  return pattern.replaceAll(/\{(\w+)\}/g, (_, key: Variables<P>) => ids[key]);
}
