import { existsSync, readFileSync, readdirSync } from 'node:fs';

const PLACES = ['./python/', '../python/'];
const cache = new Map<string, string>();

/** Names of the Python programs that run inside jails. */
export type PythonProgram =
  | 'launcher'
  | 'container_launcher'
  | 'interpreter'
  | 'candidate'
  | 'grader'
  | 'shared'
  | 'escape_probes'
  | GradingModule;

/** Modules that the programs of gradings import. */
export type GradingModule =
  'flow_wire' | 'flow_asserts' | 'flow_outcomes' | 'flow_proxy' | 'flow_suites' | 'flow_unittest';

/**
 * Source of a Python program in the `python` folder beside this module, or,
 * when bundled, beside the bundle or beside the folder of its chunks.
 */
export function pythonProgram(name: PythonProgram): string {
  let source = cache.get(name);
  if (source === undefined) {
    source = readFirst(PLACES.map((place) => `${place}${name}.py`));
    cache.set(name, source);
  }
  return source;
}

/** Names of all Python programs that are there, those of gradings included. */
export function pythonProgramNames(): string[] {
  for (const place of PLACES) {
    const folder = new URL(place, import.meta.url);
    if (existsSync(folder)) {
      return readdirSync(folder).flatMap((name) => (name.endsWith('.py') ? name.slice(0, -3) : []));
    }
  }
  return [];
}

function readFirst(places: readonly string[]): string {
  let failure: unknown;
  for (const place of places) {
    try {
      return readFileSync(new URL(place, import.meta.url), 'utf8');
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure instanceof Error ? failure : new Error('a sandbox program is missing');
}
