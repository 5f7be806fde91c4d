import { answerInstructions, codeInstructions } from './instructions.js';
import type { WorkflowShape } from './workflow-shape.js';

/** What a caller may set of a named workflow. */
export type FixedParameters = Partial<Omit<WorkflowShape, 'task' | 'select'>>;

/** A named workflow as it is written: `best-of-n,samples=16,temperature=0.8`. */
export interface FixedName {
  readonly name: string;
  readonly parameters: FixedParameters;
  /** What is wrong with the parameters; undefined when nothing is. */
  readonly problem: string | undefined;
}

// As many as one call of `multi_generate` draws, and as often as one of `test` mends.
const mostSamples = 32;
const mostRepairs = 10;
const instructions = [...codeInstructions, ...answerInstructions].map((each) => each.name);

type Read = (text: string) => FixedParameters | undefined;

function count(key: 'samples' | 'repair', least: number, most: number): Read {
  return (text) =>
    /^\d{1,3}$/.test(text) && Number(text) >= least && Number(text) <= most
      ? { [key]: Number(text) }
      : undefined;
}

/** How each parameter is read, and what it takes. */
const readers: Readonly<Record<string, { readonly takes: string; readonly read: Read }>> = {
  samples: { takes: `a whole number from 1 to ${mostSamples}`, read: count('samples', 1, mostSamples) },
  repair: { takes: `a whole number from 0 to ${mostRepairs}`, read: count('repair', 0, mostRepairs) },
  review: {
    takes: 'true or false',
    read: (text) => (text === 'true' || text === 'false' ? { review: text === 'true' } : undefined),
  },
  instruction: {
    takes: `one of ${[...new Set(instructions)].join(', ')}`,
    read: (text) => (instructions.includes(text) ? { instruction: text } : undefined),
  },
  temperature: {
    takes: 'a number from 0 to 2',
    read: (text) =>
      /^\d(\.\d{1,3})?$/.test(text) && Number(text) <= 2 ? { temperature: Number(text) } : undefined,
  },
};

/** Names of the parameters, in the order in which they are listed. */
export const fixedParameterNames: readonly string[] = Object.keys(readers);

/** Reads what stands after `fixed:`: a name, then `,key=value` for each parameter. */
export function readFixedName(text: string): FixedName {
  const [name = '', ...parts] = text.split(',');
  let parameters: FixedParameters = {};
  const seen = new Set<string>();
  for (const part of parts) {
    const [key = '', value = ''] = part.split(/=(.*)/s);
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    const problem = (words: string): FixedName => ({ name, parameters, problem: words });
    if (reader === undefined) {
      return problem(`has no parameter ${JSON.stringify(key)}; there are: ${fixedParameterNames.join(', ')}`);
    }
    if (seen.has(key)) return problem(`sets ${key} twice`);
    seen.add(key);
    const read = reader.read(value);
    if (read === undefined) {
      return problem(`can't set ${key} to ${JSON.stringify(value)}: it takes ${reader.takes}`);
    }
    parameters = { ...parameters, ...read };
  }
  return { name, parameters, problem: undefined };
}
