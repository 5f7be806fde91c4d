import { z } from 'zod';
import type { ConfigSchema } from './config-schema.js';

/** One variable that a schema reads. */
export interface ConfigField {
  /** Keys that lead to the value in the schema. */
  readonly path: readonly string[];
  /** Environment variable that sets it. */
  readonly variable: string;
  /** What kind of text the variable holds. */
  readonly type: FieldType;
  /** For type `one of`, the words that are allowed. */
  readonly choices: readonly string[];
  readonly description: string;
  /** Text of the default, undefined where there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  /** Secrets can also come from the file named by `<VARIABLE>_FILE`. */
  readonly secret: boolean;
  /** Whether the group it stands in may be left out as a whole. */
  readonly groupOptional: boolean;
}

/** How a variable's text is read; lists are separated by commas. */
export type FieldType = 'text' | 'number' | 'yes or no' | 'one of' | 'list' | 'JSON';

/** Lists every variable of a schema, in the schema's order. */
export function fieldsOf(schema: ConfigSchema, prefix: string): ConfigField[] {
  return Object.entries(schema.shape).flatMap(([key, child]) =>
    fieldsUnder(child, { path: [key], prefix, groupOptional: false }),
  );
}

/** Says in a few words what a variable must hold. */
export function describeField(field: ConfigField): string {
  const kinds: Record<FieldType, string> = {
    text: 'text',
    number: 'a number',
    'yes or no': 'true or false',
    'one of': `one of ${field.choices.join(', ')}`,
    list: 'a list, separated by commas',
    JSON: 'JSON',
  };
  return field.description === '' ? kinds[field.type] : `${kinds[field.type]} (${field.description})`;
}

interface Place {
  readonly path: readonly string[];
  readonly prefix: string;
  readonly groupOptional: boolean;
}

function fieldsUnder(schema: z.core.$ZodType, place: Place): ConfigField[] {
  const { path, prefix, groupOptional } = place;
  const { leaf, traits } = unwrap(schema);
  if (leaf instanceof z.ZodObject) {
    return Object.entries(leaf.shape as z.core.$ZodShape).flatMap(([key, child]) =>
      fieldsUnder(child, { path: [...path, key], prefix, groupOptional: groupOptional || traits.optional }),
    );
  }
  return [
    {
      path,
      variable: [prefix, ...path.map(constantCase)].join('_'),
      type: traits.secret ? 'text' : typeOf(leaf),
      choices: leaf instanceof z.ZodEnum ? leaf.options.map(String) : [],
      description: traits.description,
      default: traits.default,
      required: !traits.optional,
      secret: traits.secret,
      groupOptional,
    },
  ];
}

/** `maxMessageBytes` becomes `MAX_MESSAGE_BYTES`. */
function constantCase(key: string): string {
  return key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

interface Traits {
  optional: boolean;
  secret: boolean;
  description: string;
  default: string | undefined;
}

/** Takes off defaults, optionality and transforms, and gathers what they say. */
function unwrap(schema: z.core.$ZodType): { leaf: z.core.$ZodType; traits: Traits } {
  const traits: Traits = { optional: false, secret: false, description: '', default: undefined };
  let leaf = schema;
  for (;;) {
    const meta = z.globalRegistry.get(leaf);
    traits.secret ||= meta?.['secret'] === true;
    traits.description ||= meta?.description ?? '';
    if (leaf instanceof z.ZodDefault || leaf instanceof z.ZodPrefault) {
      traits.optional = true;
      traits.default ??= defaultText(leaf.def.defaultValue);
      leaf = leaf.def.innerType;
    } else if (leaf instanceof z.ZodOptional || leaf instanceof z.ZodNullable) {
      traits.optional = true;
      leaf = leaf.def.innerType;
    } else if (leaf instanceof z.ZodReadonly || leaf instanceof z.ZodCatch) {
      leaf = leaf.def.innerType;
    } else if (leaf instanceof z.ZodPipe) {
      leaf = leaf.def.in;
    } else {
      return { leaf, traits };
    }
  }
}

function defaultText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function typeOf(leaf: z.core.$ZodType): FieldType {
  if (leaf instanceof z.ZodNumber || leaf instanceof z.ZodBigInt) return 'number';
  if (leaf instanceof z.ZodBoolean) return 'yes or no';
  if (leaf instanceof z.ZodEnum) return 'one of';
  if (leaf instanceof z.ZodArray) return 'list';
  if (leaf instanceof z.ZodRecord || leaf instanceof z.ZodUnion) return 'JSON';
  return 'text';
}
