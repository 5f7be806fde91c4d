import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 1_000;
/** A lock that was not touched for so long is one that its holder left behind. */
export const STALE_AFTER_MS = 15_000;

/**
 * Runs something while holding a lock file, so that processes that want the same do it
 * one after another. It spares work and is no more: whoever takes over a lock that looks
 * abandoned must be able to bear that it was not.
 *
 * @param touch further paths to keep looking alive
 * @param onWait called once when another process holds the lock
 */
export async function withFileLock<T>(
  path: string,
  touch: readonly string[],
  signal: AbortSignal | undefined,
  onWait: () => void,
  run: () => Promise<T>,
): Promise<T> {
  for (let waits = 0; !(await tryTake(path)); waits++) {
    if (waits === 0) onWait();
    if ((await ageMs(path)) > STALE_AFTER_MS) await rm(path, { force: true });
    else await sleep(200, undefined, signal && { signal });
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    for (const alive of [path, ...touch]) void utimes(alive, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

/** Milliseconds since a file or folder was touched; 0 where there is none. */
export async function ageMs(path: string): Promise<number> {
  const stats = await stat(path).catch(() => undefined);
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}

async function tryTake(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
