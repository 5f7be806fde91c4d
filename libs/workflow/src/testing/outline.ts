import type { Program, Statement } from '../ir.js';
import { statementBlocks } from '../walk.js';

/** The typed program as text, one statement a line, for people to read and compare: all of it but source ranges. */
export function outline(program: Program): string[] {
  const { bindings, attributes, prompts, entry, methods, className } = program;
  return [
    `class ${className}`,
    ...bindings.map((item) => `bind ${item.attribute} = ${item.operator}${list(item.arguments)}`),
    ...attributes.map((item) => `attribute ${item.attribute} = ${node(item.value)}`),
    ...prompts.map((item) => `prompt ${item.name} = ${JSON.stringify(item.text)}`),
    ...[entry, ...methods].flatMap((method) => [
      `${method.isAsync ? 'async ' : ''}method ${method.name}${list(method.parameters)}`,
      ...block(method.body, 1),
    ]),
  ];
}

function block(statements: readonly Statement[], level: number): string[] {
  return statements.flatMap((statement) => {
    const blocks = statementBlocks(statement).filter((inner) => inner.length > 0);
    const inside = new Set<unknown>(blocks);
    const [first = [], ...rest] = blocks.map((inner) => block(inner, level + 1));
    const indent = '  '.repeat(level);
    return [
      indent + node(statement, inside),
      ...first,
      ...rest.flatMap((lines) => [`${indent}then`, ...lines]),
    ];
  });
}

/** `kind(field=value …)`: every field that says something, blocks aside. */
function node(value: unknown, blocks: ReadonlySet<unknown> = new Set()): string {
  if (value === undefined) return '-';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return list(value, blocks);
  const fields = Object.entries(value).filter(
    ([name, field]) =>
      !['kind', 'range', 'locals'].includes(name) &&
      !blocks.has(field) &&
      field !== undefined &&
      field !== '' &&
      !(Array.isArray(field) && field.length === 0),
  );
  const kind = 'kind' in value ? String(value.kind) : '';
  return `${kind}(${fields.map(([name, field]) => `${name}=${node(field, blocks)}`).join(' ')})`;
}

function list(values: readonly unknown[], blocks?: ReadonlySet<unknown>): string {
  return `[${values.map((value) => node(value, blocks)).join(', ')}]`;
}
