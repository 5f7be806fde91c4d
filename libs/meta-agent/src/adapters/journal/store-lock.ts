import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toOpenError } from './store-errors.js';

/** The right to open a store's folder. Held until released or until the process ends, however it ends. */
export interface StoreLock {
  readonly folder: string;
  /** Gives the lock back; further calls do nothing. */
  release(): void;
}

// SQLite's result codes of a lock that somebody else holds.
const busy = new Set([5, 6]);

function isBusy(error: unknown): boolean {
  return error instanceof Error && busy.has(Number(Reflect.get(error, 'errcode')) & 0xff);
}

/**
 * Takes the lock of a store's folder, making the folder if it is missing.
 *
 * Node has no file locks of its own, and a file with a process id outlives a
 * killed process. An exclusive SQLite transaction is a lock that the system
 * itself gives back.
 *
 * @returns undefined when another process, or this one, holds the lock
 * @throws FlowError when the folder can't be made or written to
 */
export function acquireStoreLock(folder: string): StoreLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(folder, 'lock.db'));
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    throw toOpenError(error, folder);
  }
  const held = database;
  return {
    folder,
    release() {
      if (held.isOpen) held.close();
    },
  };
}
