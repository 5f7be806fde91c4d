import { basename } from 'node:path';
import { FlowError } from '@flowreasoner/rpc';
import { DEFAULT_MODEL } from './model-file/default-model.js';
import { ensureModelFile } from './model-file/ensure-model-file.js';
import { runModelServer } from './model-server.js';
import { forkWorker, WORKER_ARGUMENT } from './pool/fork-worker.js';
import type { Log, Schedule } from './ports.js';
import { readServerConfig, SERVER_USAGE } from './server-config.js';
import type { WorkerOptions } from './worker/protocol.js';
import { runWorkerProcess } from './worker/worker-process.js';

/** The line that the server prints on standard output once it answers. */
export interface ReadyLine {
  readonly event: 'ready';
  /** Base URL for OpenAI clients. */
  readonly url: string;
  readonly model: string;
}

/** The line that the server prints on standard output when it can't start. */
export interface ErrorLine {
  readonly event: 'error';
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Exit codes of sysexits.h for the errors that a start can meet. */
const EXIT_CODES: Readonly<Record<string, number>> = { INVALID_ARGUMENT: 64, UNAVAILABLE: 69 };

/**
 * The program: the server, or one of its workers when run by it.
 *
 * @param program path of the main module, which workers are run from
 */
export async function modelServerMain(program: string, args: readonly string[]): Promise<void> {
  if (args[0] === WORKER_ARGUMENT) {
    return runWorkerProcess(JSON.parse(args[1] ?? '') as WorkerOptions);
  }
  if (args.includes('--help')) {
    process.stdout.write(SERVER_USAGE);
    return;
  }
  try {
    await serve(program, args);
  } catch (error) {
    const known = error instanceof FlowError ? error : new FlowError('INTERNAL', 'INTERNAL', String(error));
    printLine({ event: 'error', code: known.reason, message: known.message, hint: known.options.hint });
    process.exit(EXIT_CODES[known.code] ?? 70);
  }
}

async function serve(program: string, args: readonly string[]): Promise<void> {
  const config = readServerConfig(args, process.env);
  const modelFile = await ensureModelFile({ modelFile: config.modelFile });
  const fileName = basename(modelFile);
  const model =
    config.modelName ??
    (fileName === DEFAULT_MODEL.fileName ? DEFAULT_MODEL.name : fileName.replace(/\.gguf$/i, ''));
  let stop = (): void => undefined;
  const leave = (code: number) => (): void => {
    stop();
    process.exit(code);
  };
  process.on('SIGTERM', leave(0));
  if (process.connected) {
    // Started with a channel to its owner: a Ctrl-C reaches both, and the owner decides;
    // without the owner nobody is left to serve.
    process.on('SIGINT', () => undefined);
    process.on('disconnect', leave(0));
  } else {
    process.on('SIGINT', leave(0));
  }

  const server = await runModelServer({
    ...config,
    model,
    spawn: forkWorker(program, { modelFile, contextSize: config.contextSize }),
    schedule: scheduleByTimer,
    now: Date.now,
    log: logToStderr,
  });
  stop = () => server.close();
  printLine({ event: 'ready', url: server.url, model });
}

function printLine(line: ReadyLine | ErrorLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const scheduleByTimer: Schedule = (afterMs, run) => {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
};

const logToStderr: Log = (level, message, fields) => {
  process.stderr.write(
    `${JSON.stringify({ level, time: Date.now(), name: 'model-server', ...fields, msg: message })}\n`,
  );
};
