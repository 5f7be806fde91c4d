import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProgramLanguage, ProgramLimits } from '../ports.js';

/** How a hostile program may end. */
export type HostileStatus = 'exited' | 'signaled' | 'wall' | 'cpu' | 'memory' | 'output';

/** One program of `tests/hostile` and what has to become of it. */
export interface HostileCase {
  /** Path below `tests/hostile`, without its ending, such as "bombs/fork-bomb". */
  readonly name: string;
  /** What it tries, in one sentence. */
  readonly purpose: string;
  readonly language: ProgramLanguage;
  readonly source: Buffer;
  /** Ways in which it may end; several where machines rightly differ. */
  readonly statuses: readonly HostileStatus[];
  /** The same in containers, where the kernel may kill what a jail refuses. */
  readonly dockerStatuses: readonly HostileStatus[];
  /** Exit code of a program that may exit. */
  readonly exitCode: number;
  readonly limits: Partial<ProgramLimits>;
  /** Files that are asked for. */
  readonly outputFiles: readonly string[];
  /** Whether none of these files may come back. */
  readonly returnsNone: boolean;
  /** How often it is run; a program that runs twice looks for what its first run left. */
  readonly runs: 'once' | 'twice' | 'twice at once' | 'twice, differently';
}

const FOLDER = fileURLToPath(new URL('../../../../tests/hostile', import.meta.url));
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, K: 1024, M: 1024 ** 2, '': 1 };
const LIMITS: Readonly<Record<string, keyof ProgramLimits>> = {
  wall: 'wallMs',
  cpu: 'cpuMs',
  memory: 'memoryBytes',
  processes: 'processes',
  output: 'outputBytes',
  disk: 'diskBytes',
};
const RUNS: Readonly<Record<string, HostileCase['runs']>> = {
  '1': 'once',
  '2': 'twice',
  '2 at once': 'twice at once',
  '2 with different output': 'twice, differently',
};

/** The module that the hostile programs share. */
export const HOSTILE_MODULE = readFileSync(`${FOLDER}/hostile.py`);

/** Every hostile program, by name. */
export function hostileCases(): HostileCase[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => /[/].+[.](py|js)$/.test(path))
    .sort()
    .map((path) => readCase(path, readFileSync(`${FOLDER}/${path}`)));
}

/**
 * Reads a program's first comment: a sentence, then lines of `name: value`.
 *
 * @throws Error for an unknown name or value, so that no expectation is overlooked
 */
export function readCase(path: string, file: Buffer): HostileCase {
  const [, name = path, ending] = /^(.*)[.]([a-z]+)$/.exec(path) ?? [];
  const comment = ending === 'js' ? '// ' : '# ';
  const lines = file.toString('latin1').split('\n');
  const end = lines.findIndex((line) => !line.startsWith(comment));
  const header = lines.slice(0, end).map((line) => line.slice(comment.length));
  const fields = new Map(header.slice(1).map((line) => field(name, line)));
  const words = (key: string): string[] => fields.get(key)?.split(/\s+/) ?? [];
  const bytes = (key: string): Buffer => Buffer.from(unescape(fields.get(key) ?? ''), 'latin1');
  const runs = RUNS[fields.get('runs') ?? '1'];
  const known = ['status', 'docker', 'exit', 'limits', 'output', 'returned', 'runs', 'append', 'prepend'];
  const strange = [...fields.keys()].find((key) => !known.includes(key));
  if (strange !== undefined || runs === undefined)
    throw new Error(`${name}: what is "${strange ?? 'runs'}"?`);
  const statuses = (key: string): HostileStatus[] =>
    words(key).filter((word) => word !== '|') as HostileStatus[];
  return {
    name,
    purpose: header[0] ?? '',
    language: ending === 'js' ? 'javascript' : 'python',
    source: Buffer.concat([bytes('prepend'), file, bytes('append')]),
    statuses: statuses('status'),
    dockerStatuses: statuses(fields.has('docker') ? 'docker' : 'status'),
    exitCode: Number(fields.get('exit') ?? 0),
    limits: Object.fromEntries(words('limits').map((word) => limit(name, word))),
    outputFiles: words('output'),
    returnsNone: fields.get('returned') === 'none',
    runs,
  };
}

function field(name: string, line: string): [string, string] {
  const [, key, value] = /^([a-z]+): (.*)$/.exec(line) ?? [];
  if (key === undefined || value === undefined) throw new Error(`${name}: can't read "${line}"`);
  return [key, value];
}

function limit(name: string, text: string): [keyof ProgramLimits, number] {
  const [, key = '', number, unit = ''] = /^([a-z]+)=(\d+)([a-zA-Z]*)$/.exec(text) ?? [];
  const [field, factor] = [LIMITS[key], UNITS[unit]];
  if (field === undefined || factor === undefined) throw new Error(`${name}: can't read the limit "${text}"`);
  return [field, Number(number) * factor];
}

function unescape(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
