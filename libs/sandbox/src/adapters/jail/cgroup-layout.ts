import { rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const REMOVE_ATTEMPTS = 250;
const REMOVE_PAUSE_MS = 4;

/** Files of the two versions that are used here. */
export interface CgroupLayout {
  readonly version: string;
  /** Folders of the controllers: memory and pids (one and the same in v2). */
  readonly memory: string;
  readonly pids: string;
  /**
   * Each folder once; with that of the CPU controller where there is one: in
   * groups of their own, many threads get no more of a busy machine than one.
   */
  readonly folders: readonly string[];
  readonly memoryLimit: string;
  readonly swapLimit: { readonly file: string; readonly value: 'limit' | 'zero' };
  readonly usage: string;
  readonly peak: string;
  readonly events: string;
}

/** Removes groups whose processes have ended: the kernel lets go of those a little after they are gone. */
export async function removeGroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
      try {
        rmdirSync(folder);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') break;
        await sleep(REMOVE_PAUSE_MS);
      }
    }
  }
}

/** As {@link removeGroups}, for a process that is about to end: waits without letting anything else run. */
export function removeGroupsNow(folders: readonly string[]): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (const folder of folders) {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
      try {
        rmdirSync(folder);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') break;
        Atomics.wait(never, 0, 0, REMOVE_PAUSE_MS);
      }
    }
  }
}
