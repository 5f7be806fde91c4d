import { readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { FlowError, type FlowErrorCode } from '@flowreasoner/rpc';
import type { StoreHolder } from './store-holder.js';

/** Exit code of a host that found the store's lock held: another host is there or ending. */
export const LOCK_HELD_EXIT_CODE = 75;

/** Another process has the store open. */
export class StoreInUseError extends FlowError {
  /** Whether the holder goes away by itself, so that waiting is worth while. */
  readonly passing: boolean;

  constructor(folder: string, holder: StoreHolder | undefined) {
    const serves = holder?.kind === 'serve';
    const who = serves
      ? `flow serve (process ${holder.processId}) has`
      : holder === undefined
        ? 'another process has'
        : 'other flow commands have';
    super('FAILED_PRECONDITION', 'STORE_LOCKED', `${who} the store in ${folder} open`, {
      hint: serves
        ? `let it do the work (flow solve --server ${holder.server}), stop it, or set FLOW_HOME to another folder`
        : 'wait until it is free, or set FLOW_HOME to another folder',
    });
    this.passing = !serves;
  }
}

interface FailureLine {
  readonly hostFailure: {
    readonly code: FlowErrorCode;
    readonly reason: string;
    readonly message: string;
    readonly hint?: string;
  };
}

/** The last line of the log of a host that could not start. */
export function failureLine(error: unknown): string {
  const failure =
    error instanceof FlowError
      ? { code: error.code, reason: error.reason, message: error.message, hint: error.options.hint }
      : {
          code: 'INTERNAL',
          reason: 'UNEXPECTED',
          message: error instanceof Error ? error.message : String(error),
        };
  return `${JSON.stringify({ hostFailure: failure })}\n`;
}

/** Room that a store needs to be opened at all, in bytes. */
const NEEDED_BYTES = 64 * 1024 ** 2;

/** Makes an error of the last failure in the host's log; on a full disk, of that. */
export function hostFailure(logFile: string, freeBytes = freeBytesBeside): FlowError {
  const free = freeBytes(logFile);
  if (free < NEEDED_BYTES) {
    const megabytes = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`;
    return new FlowError(
      'UNAVAILABLE',
      'DISK_FULL',
      `there is no room for the store in ${dirname(logFile)}: ${megabytes(free)} are free, ${megabytes(NEEDED_BYTES)} are needed`,
      { hint: 'make room, or set FLOW_HOME to a folder with 1 GiB free' },
    );
  }
  const hint = `the log of the embedded services is ${logFile}`;
  try {
    const line = readFileSync(logFile, 'utf8')
      .split('\n')
      .findLast((text) => text.startsWith('{"hostFailure"'));
    if (line !== undefined) {
      const { hostFailure } = JSON.parse(line) as FailureLine;
      return new FlowError(hostFailure.code, hostFailure.reason, hostFailure.message, {
        hint: hostFailure.hint ?? hint,
      });
    }
  } catch {
    // An unreadable log leaves only its name to be said.
  }
  return new FlowError('UNAVAILABLE', 'HOST_FAILED', 'the embedded services could not start', { hint });
}

function freeBytesBeside(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
