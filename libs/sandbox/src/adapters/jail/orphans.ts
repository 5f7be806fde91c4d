import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { OWNER_MARK } from './bwrap-arguments.js';

/**
 * Kills jails whose service is gone. They end by themselves, with their control
 * socket; one whose bubblewrap was killed too, while it was setting up, would
 * wait for it forever.
 *
 * @returns how many processes were killed
 */
export function killOrphans(): number {
  let killed = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const owner = ownerOf(name);
    if (owner === undefined || existsSync(`/proc/${owner}`) || !hasParentHere(name)) continue;
    try {
      process.kill(Number(name), 'SIGKILL');
      killed += 1;
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return killed;
}

/** Process numbers of other containers mean nothing here; orphans of theirs have a parent of theirs. */
function hasParentHere(pid: string): boolean {
  try {
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return parent === '1' || readlinkSync(`/proc/${parent}/ns/pid`) === readlinkSync('/proc/self/ns/pid');
  } catch {
    return false;
  }
}

function ownerOf(pid: string): string | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    return args.find((arg) => arg.startsWith(OWNER_MARK))?.slice(OWNER_MARK.length);
  } catch {
    return undefined;
  }
}
