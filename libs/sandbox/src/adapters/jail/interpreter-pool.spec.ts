import { describe, expect, it } from 'vitest';
import { InterpreterPool } from './interpreter-pool.js';
import type { JailHost } from './jail-host.js';

/** A machine on which no outer jail can be made. */
const BROKEN: JailHost = {
  bwrapPath: '/bin/false',
  pythonPath: '/usr/bin/python3',
  nodePath: undefined,
  runAs: undefined,
  rootEntries: [],
  cgroups: undefined,
  helperPath: '/dev/null',
  seccompFilter: undefined,
};

describe('InterpreterPool', () => {
  it('gives up for a while where interpreters do not come up, and tries again', async () => {
    let now = 0;
    const pool = new InterpreterPool(BROKEN, { now: () => now }, { size: 1, executions: 10 });
    for (let tries = 0; tries < 3; tries += 1) {
      expect(pool.works).toBe(true);
      await pool.take()?.gone;
    }
    expect(pool.works).toBe(false);
    expect(pool.take()).toBeUndefined();
    now = 30_001;
    expect(pool.works).toBe(true);
    await pool.close();
  });

  it('has none without a helper', () => {
    const pool = new InterpreterPool({ ...BROKEN, helperPath: undefined }, performance, {
      size: 1,
      executions: 10,
    });
    expect(pool.works).toBe(false);
    expect(pool.take()).toBeUndefined();
  });
});
