import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError } from './config-error.js';
import type { ConfigProblem } from './config-error.js';
import type { ConfigSchema } from './config-schema.js';
import { describeField, fieldsOf } from './fields.js';
import type { ConfigField } from './fields.js';
import { readText } from './read-text.js';
import { suggest } from './suggest.js';

/** Where configuration comes from. */
export interface LoadOptions {
  /** Environment to read. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What every variable begins with, such as `FLOW_SANDBOX`. */
  readonly prefix: string;
}

/** Largest secret file, in bytes. */
const maxSecretBytes = 65_536;

/**
 * Reads a service's configuration from environment variables, once, at boot.
 * The key `tls.certFile` of a schema with prefix `FLOW_SANDBOX` is the variable
 * `FLOW_SANDBOX_TLS_CERT_FILE`; an empty variable counts as not set; a secret
 * can come from the file named by `<VARIABLE>_FILE`. A variable that begins
 * with the prefix and that the schema does not know is a problem too: it is
 * most likely a typo.
 *
 * @throws ConfigError with every problem
 */
export function loadConfig<S extends ConfigSchema>(schema: S, options: LoadOptions): z.output<S> {
  const env = options.env ?? process.env;
  const fields = fieldsOf(schema, options.prefix);
  const problems: ConfigProblem[] = [];
  const input: Record<string, unknown> = {};
  for (const field of fields) {
    const read = readField(field, env);
    if (read === undefined) continue;
    if ('problem' in read)
      problems.push({ variable: read.variable ?? field.variable, message: read.problem });
    else place(input, field.path, read.value);
  }
  problems.push(...unknownVariables(fields, env, options.prefix));
  const parsed = schema.safeParse(fillGroups(input, fields));
  if (!parsed.success) {
    const told = new Set(problems.map(({ variable }) => variable));
    for (const issue of parsed.error.issues) {
      const problem = problemOf(issue, { fields, input, prefix: options.prefix });
      if (!told.has(problem.variable)) problems.push(problem);
    }
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data as z.output<S>;
}

type FieldRead = { readonly value: unknown } | { readonly problem: string; readonly variable?: string };

function readField(field: ConfigField, env: NonNullable<LoadOptions['env']>): FieldRead | undefined {
  const text = env[field.variable] || undefined;
  const fileVariable = `${field.variable}_FILE`;
  const file = field.secret ? env[fileVariable] || undefined : undefined;
  if (text !== undefined && file !== undefined)
    return { problem: `is set, and so is ${fileVariable}: set one` };
  if (file !== undefined) return readSecretFile(file, fileVariable);
  return text === undefined ? undefined : readText(text, field);
}

function readSecretFile(path: string, variable: string): FieldRead {
  try {
    if (statSync(path).size > maxSecretBytes) {
      return { variable, problem: `names a file of more than ${maxSecretBytes} bytes` };
    }
    const value = readFileSync(path, 'utf8').trim();
    return value === '' ? { variable, problem: `names an empty file, ${path}` } : { value };
  } catch (error) {
    return { variable, problem: `names a file that cannot be read: ${(error as Error).message}` };
  }
}

function place(input: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let group = input;
  for (const key of path.slice(0, -1)) group = (group[key] ??= {}) as Record<string, unknown>;
  const last = path.at(-1);
  if (last !== undefined) group[last] = value;
}

/** Gives every required group an object, so that what is missing in it is named by variable. */
function fillGroups(input: Record<string, unknown>, fields: readonly ConfigField[]): Record<string, unknown> {
  for (const { path, groupOptional } of fields) {
    if (path.length > 1 && !groupOptional) {
      let group = input;
      for (const key of path.slice(0, -1)) group = (group[key] ??= {}) as Record<string, unknown>;
    }
  }
  return input;
}

/** Variables that Kubernetes sets in every pod for a Service of the same name. */
function isServiceLink(name: string, value: string | undefined): boolean {
  if (/_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true;
  return name.endsWith('_PORT') && /^(tcp|udp):\/\//.test(value ?? '');
}

function unknownVariables(
  fields: readonly ConfigField[],
  env: NonNullable<LoadOptions['env']>,
  prefix: string,
): ConfigProblem[] {
  const known = fields.flatMap(({ variable, secret }) =>
    secret ? [variable, `${variable}_FILE`] : [variable],
  );
  const names = new Set(known);
  return Object.keys(env)
    .filter((name) => name.startsWith(`${prefix}_`) && !names.has(name) && !isServiceLink(name, env[name]))
    .sort()
    .map((variable) => {
      const near = suggest(variable, known);
      return { variable, message: `is unknown${near === undefined ? '' : `; did you mean ${near}?`}` };
    });
}

interface Reading {
  readonly fields: readonly ConfigField[];
  readonly input: Record<string, unknown>;
  readonly prefix: string;
}

function problemOf(issue: z.core.$ZodIssue, { fields, input, prefix }: Reading): ConfigProblem {
  const field = fields.find(({ path }) => path.every((key, index) => key === issue.path[index]));
  if (field === undefined) return { variable: `${prefix}_*`, message: issue.message };
  const missing = valueAt(input, field.path) === undefined;
  const message = missing ? `is not set; it must be ${describeField(field)}` : lowerFirst(issue.message);
  return { variable: field.variable, message };
}

function valueAt(input: Record<string, unknown>, path: readonly string[]): unknown {
  return path.reduce<unknown>((group, key) => (group as Record<string, unknown> | undefined)?.[key], input);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
