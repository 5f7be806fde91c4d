import type { ConfigSchema } from './config-schema.js';
import { describeField, fieldsOf } from './fields.js';
import type { ConfigField } from './fields.js';

/** Writes the variables that {@link loadConfig} would read as lines of text: name, what it holds, and its default. */
export function formatConfig(schema: ConfigSchema, prefix: string): string {
  const fields = fieldsOf(schema, prefix);
  const width = Math.max(0, ...fields.map(({ variable }) => variable.length));
  return fields.map((field) => `${field.variable.padEnd(width)}  ${explain(field)}`).join('\n');
}

function explain(field: ConfigField): string {
  const fallback =
    field.default !== undefined ? `default ${field.default}` : field.required ? 'required' : 'optional';
  return `${describeField(field)}; ${fallback}${field.secret ? `; or the file in ${field.variable}_FILE` : ''}`;
}
