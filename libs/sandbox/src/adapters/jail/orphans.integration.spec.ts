import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OWNER_MARK } from './bwrap-arguments.js';
import { killOrphans } from './orphans.js';

/** Greater than any process number that Linux gives. */
const NOBODY = 4_194_305;

/** Starts a sleeping process without a parent that bears a service's mark; returns its id. */
function orphan(owner: number): number {
  const script = `sh -c 'sleep 60; :' sh ${OWNER_MARK}${owner} >/dev/null 2>&1 & echo $!`;
  return Number(spawnSync('sh', ['-c', script]).stdout.toString());
}

describe('killOrphans', () => {
  it('kills what a service that is gone left behind, and nothing else', async () => {
    const lost = orphan(NOBODY);
    const owned = orphan(process.pid);
    expect(killOrphans()).toBeGreaterThanOrEqual(1);
    for (let tries = 0; tries < 100 && running(lost); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(running(lost)).toBe(false);
    expect(running(owned)).toBe(true);
    process.kill(owned);
  });
});

/** Whether a process is there and not merely waiting to be reaped. */
function running(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/State:\s+Z/.test(spawnSync('cat', [`/proc/${pid}/status`]).stdout.toString());
}
