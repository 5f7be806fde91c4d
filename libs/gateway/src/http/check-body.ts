import { FlowError, type FieldViolation } from '@flowreasoner/rpc';
import type { z } from '@hono/zod-openapi';

/**
 * Reads a value by a schema.
 *
 * @param name what the value is called where it is a field of its own
 * @throws FlowError INVALID_ARGUMENT `INVALID_FIELD`, or `UNSUPPORTED_FIELD` for a field that
 *   the schema does not know or that its server does not take; names the field
 */
export function checkBody<S extends z.ZodType>(schema: S, value: unknown, name?: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => mostSpecific(issue, name === undefined ? [] : [name]));
  const violations = issues.flatMap(violationsOf);
  const unsupported = issues.some(({ code }) => code === 'unrecognized_keys' || code === 'custom');
  const [first] = violations;
  if (first === undefined) throw new FlowError('INVALID_ARGUMENT', 'INVALID_FIELD', 'The body is not valid.');
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  const field = first.field === '' ? 'The body' : first.field;
  throw new FlowError(
    'INVALID_ARGUMENT',
    unsupported ? 'UNSUPPORTED_FIELD' : 'INVALID_FIELD',
    `${field}: ${first.description}${more}.`,
    { fieldViolations: violations },
  );
}

type Issue = z.core.$ZodIssue;

function violationsOf(issue: Issue): FieldViolation[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ field: fieldName(issue.path), description: lowerFirst(issue.message.replace(/\.$/, '')) }];
  }
  return issue.keys.map((key) => ({
    field: fieldName([...issue.path, key]),
    description: 'this server does not know this field',
  }));
}

/** Of the branches of a union the issue that lies deepest: the branch that was meant. */
function mostSpecific(issue: Issue, under: readonly PropertyKey[]): Issue {
  const path = [...under, ...issue.path];
  if (issue.code !== 'invalid_union') return { ...issue, path };
  const inner = issue.errors.flat().map((each) => mostSpecific(each, path));
  const deepest = inner.reduce<Issue | undefined>(
    (best, each) => (best === undefined || each.path.length > best.path.length ? each : best),
    undefined,
  );
  return deepest !== undefined && deepest.path.length > path.length ? deepest : { ...issue, path };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Such as `messages[0].content`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`,
    '',
  );
}
