import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { FlowError } from '@flowreasoner/rpc';
import type { ErrorLine, ReadyLine } from './main.js';
import { variableOf } from './server-config.js';

/** How to start a server as a child process. */
export interface StartModelServerOptions {
  /** Path of the bundled program. */
  readonly program: string;
  /** A GGUF file, as from `ensureModelFile`. */
  readonly modelFile: string;
  readonly host?: string | undefined;
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined;
  /** Worker processes; one a core, as memory allows, when not given. */
  readonly workers?: number | undefined;
  readonly contextSize?: number | undefined;
  readonly maxWaiting?: number | undefined;
  /** Required of callers as a bearer token. */
  readonly apiKey?: string | undefined;
  /** The Node binary; the one running by default. */
  readonly node?: string | undefined;
  /** Where the server's log lines go; nowhere by default. */
  readonly onLogLine?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A server that runs as a child process. */
export interface StartedModelServer {
  /** Base URL for OpenAI clients, ending in `/v1`. */
  readonly url: string;
  /** The model's id. */
  readonly model: string;
  readonly pid: number;
  /** Resolves when the process is gone, by `close` or otherwise. */
  readonly exited: Promise<void>;
  /** Ends the process and its workers, within a second. */
  close(): Promise<void>;
}

/** What a child needs of our environment; secrets are not among it. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_CACHE_HOME'];
const START_TIMEOUT_MS = 60_000;
const KILL_AFTER_MS = 500;

/**
 * Starts the server and waits until it answers. It ends with this process, however that ends.
 *
 * @throws FlowError UNAVAILABLE `MODEL_SERVER_FAILED`, or with the reason the server gives;
 *   CANCELLED when the signal is aborted
 */
export async function startModelServer(options: StartModelServerOptions): Promise<StartedModelServer> {
  const flags: Record<string, string | number | undefined> = {
    'model-file': options.modelFile,
    host: options.host,
    port: options.port,
    workers: options.workers,
    'context-size': options.contextSize,
    'max-waiting': options.maxWaiting,
  };
  const args = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}=${value}`],
  );
  const env = Object.fromEntries(
    PASSED_ON.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])),
  );
  if (options.apiKey !== undefined) env[variableOf('api-key')] = options.apiKey;
  const child = spawn(options.node ?? process.execPath, [options.program, ...args], {
    env,
    // The channel carries nothing: that it breaks tells the server of our end.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    await exited;
    clearTimeout(kill);
  };
  const limit = AbortSignal.timeout(START_TIMEOUT_MS);
  try {
    const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
    const first = await firstLine(child, options.onLogLine, signal);
    if (first.event === 'error') {
      throw new FlowError(
        'UNAVAILABLE',
        first.code,
        first.message,
        first.hint === undefined ? {} : { hint: first.hint },
      );
    }
    return { url: first.url, model: first.model, pid: child.pid ?? -1, exited, close };
  } catch (error) {
    await close();
    if (options.signal?.aborted === true) {
      throw new FlowError('CANCELLED', 'CANCELLED', 'The start of the model server was cancelled.', {
        cause: error,
      });
    }
    if (limit.aborted) throw failed(`it was not ready after ${START_TIMEOUT_MS / 1_000} s`);
    throw error;
  }
}

async function firstLine(
  child: ChildProcess,
  onLogLine: ((line: string) => void) | undefined,
  signal: AbortSignal,
): Promise<ReadyLine | ErrorLine> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the child has no pipes');
  let lastLogLine = '';
  createInterface({ input: stderr }).on('line', (line) => {
    lastLogLine = line;
    onLogLine?.(line);
  });
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdout });
    lines.once('line', (line) => {
      try {
        resolve(JSON.parse(line) as ReadyLine | ErrorLine);
      } catch {
        reject(failed(`it said ${JSON.stringify(line.slice(0, 200))}`));
      }
    });
    lines.once('close', () => reject(failed(`it ended: ${lastLogLine}`)));
    child.once('error', (error) => reject(failed(error.message)));
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function failed(why: string): FlowError {
  return new FlowError(
    'UNAVAILABLE',
    'MODEL_SERVER_FAILED',
    `The model server could not be started: ${why}.`,
  );
}
