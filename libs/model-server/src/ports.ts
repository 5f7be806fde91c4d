import type { FromWorker, ToWorker } from './worker/protocol.js';

/** A worker process as its owner sees it. */
export interface WorkerHandle {
  readonly pid: number;
  send(message: ToWorker): void;
  /** Ends it at once. */
  kill(): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Called once, when the process is gone or could not be started. */
  onExit(listener: (how: string) => void): void;
}

/** Starts a worker process. */
export type SpawnWorker = () => WorkerHandle;

/** Runs something after some milliseconds; the returned function calls that off. */
export type Schedule = (afterMs: number, run: () => void) => () => void;

/** One line of the server's log. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;
