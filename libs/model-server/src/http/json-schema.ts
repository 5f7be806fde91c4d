/** How deep a schema may nest. */
const MAX_DEPTH = 16;
/** Bounds of repetitions become rules of the grammar, one for each. */
const MAX_REPETITION = 1_024;

const ANNOTATIONS = ['title', 'description', '$schema', 'examples', 'default'];
const TYPES = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'];
const REPETITIONS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'];
const SCALAR_LISTS = ['enum', 'required'];
const SUBSCHEMAS = ['items'];
const SUBSCHEMA_LISTS = ['oneOf', 'prefixItems'];
const SUBSCHEMA_MAPS = ['properties', '$defs'];

/**
 * Looks for what the grammar made of a JSON schema would silently ignore.
 *
 * @param path where the schema stands in the request
 * @returns what is wrong and where, or `undefined`
 */
export function findUnsupportedInSchema(
  schema: unknown,
  path: string,
  depth = 0,
): { readonly path: string; readonly message: string } | undefined {
  const wrong = (key: string, message: string): { path: string; message: string } => ({
    path: key === '' ? path : `${path}.${key}`,
    message,
  });
  if (depth > MAX_DEPTH) return wrong('', `The schema nests deeper than ${MAX_DEPTH}.`);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return wrong('', 'A schema must be an object.');
  }
  for (const [key, value] of Object.entries(schema)) {
    if (ANNOTATIONS.includes(key)) continue;
    if (key === 'type') {
      const types: unknown[] = Array.isArray(value) ? value : [value];
      if (!types.every((type) => typeof type === 'string' && TYPES.includes(type))) {
        return wrong(key, `The type must be of ${TYPES.join(', ')}.`);
      }
    } else if (key === 'const' || key === '$ref' || key === 'format') {
      if (typeof value === 'object' && value !== null) return wrong(key, `${key} must be a plain value.`);
    } else if (REPETITIONS.includes(key)) {
      if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > MAX_REPETITION) {
        return wrong(key, `${key} must be an integer from 0 to ${MAX_REPETITION}.`);
      }
    } else if (SCALAR_LISTS.includes(key)) {
      if (!Array.isArray(value) || value.some((item) => typeof item === 'object' && item !== null)) {
        return wrong(key, `${key} must be a list of plain values.`);
      }
    } else if (key === 'additionalProperties' && typeof value === 'boolean') {
      continue;
    } else if (SUBSCHEMAS.includes(key) || key === 'additionalProperties') {
      const found = findUnsupportedInSchema(value, `${path}.${key}`, depth + 1);
      if (found) return found;
    } else if (SUBSCHEMA_LISTS.includes(key)) {
      if (!Array.isArray(value)) return wrong(key, `${key} must be a list of schemas.`);
      for (const [index, item] of value.entries()) {
        const found = findUnsupportedInSchema(item, `${path}.${key}[${index}]`, depth + 1);
        if (found) return found;
      }
    } else if (SUBSCHEMA_MAPS.includes(key)) {
      if (typeof value !== 'object' || value === null)
        return wrong(key, `${key} must be an object of schemas.`);
      for (const [name, item] of Object.entries(value)) {
        const found = findUnsupportedInSchema(item, `${path}.${key}.${name}`, depth + 1);
        if (found) return found;
      }
    } else {
      return wrong(key, `This server can't enforce ${key}.`);
    }
  }
  return undefined;
}
