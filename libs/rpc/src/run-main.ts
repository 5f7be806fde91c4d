import { ConfigError } from '@flowreasoner/config';
import { createLogger, logLevels, startTelemetry } from '@flowreasoner/telemetry';
import type { Logger } from '@flowreasoner/telemetry';
import { ExitCode, exitCodeOf } from './exit-code.js';
import { FlowError } from './flow-error.js';

/** Which program runs. */
export interface MainOptions {
  /** Name of the service, such as `sandbox`. */
  readonly service: string;
  readonly version: string;
  /** What `--help` prints: the variables that the program reads. Default: nothing. */
  readonly help?: () => string;
}

/** What a main function is given. */
export interface MainContext {
  /** Aborts on SIGTERM or SIGINT: drain, then return. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Time after which a process whose main has returned ends even if something still runs, in milliseconds. */
const lingerMs = 1000;

/**
 * Runs a service's main function: help, telemetry, signals, exit codes. The level of
 * the log is that of FLOW_LOG_LEVEL, `info` by default. A second signal ends
 * the process at once. Errors end it with the code of `exitCodeOf` and a
 * message without a stack; the stack of an unexpected one is in the log line.
 */
export async function runMain(
  options: MainOptions,
  main: (context: MainContext) => Promise<void>,
): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${options.help?.() ?? ''}\n`);
    return;
  }
  const wantedLevel = process.env['FLOW_LOG_LEVEL'] || 'info';
  const level = logLevels.find((name) => name === wantedLevel);
  const logger = createLogger({ ...options, level: level ?? 'info' });
  const telemetry = await startTelemetry({ ...options, logger });
  const stopped = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stopped.signal.aborted) process.exit(name === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated);
    logger.info({ signal: name }, 'stopping');
    stopped.abort(new FlowError('CANCELLED', 'STOPPED', `stopped by ${name}`));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'unexpected error outside of any call');
    process.exit(ExitCode.ownFault);
  });
  let code: number = ExitCode.ok;
  try {
    if (level === undefined) throw unknownLevel();
    await main({ signal: stopped.signal, logger });
  } catch (error) {
    code = isStop(error, stopped.signal) ? ExitCode.ok : report(error, logger);
  }
  await telemetry.shutdown();
  process.exitCode = code;
  setTimeout(() => process.exit(code), lingerMs).unref();
}

/** Resolves when `signal` aborts: the last line but one of most mains. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
  );
}

function report(error: unknown, logger: Logger): number {
  if (error instanceof ConfigError) {
    logger.fatal({ problems: error.problems }, error.message);
  } else if (error instanceof FlowError) {
    logger.fatal({ code: error.code, reason: error.reason, hint: error.options.hint }, error.message);
  } else {
    logger.fatal({ err: error }, 'unexpected error');
  }
  return exitCodeOf(error);
}

function unknownLevel(): ConfigError {
  return new ConfigError([{ variable: 'FLOW_LOG_LEVEL', message: `must be one of ${logLevels.join(', ')}` }]);
}
