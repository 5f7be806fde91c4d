import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { OWNER_MARK } from './adapters/jail/bwrap-arguments.js';
import type { JailBackend } from './adapters/jail/jail-backend.js';
import { describeExecution } from './testing/describe-execution.js';
import { processesWith, realJail, runIn } from './testing/jail-runs.js';

const { EXECUTION_STATUS_CANCELLED: CANCELLED } = ExecutionStatus;

describe.each([
  { path: 'a pre-forked interpreter', hot: true },
  { path: 'a jail for each program', hot: false },
])('$path', ({ hot }) => {
  let jail: JailBackend;
  beforeAll(async () => {
    jail = await realJail({ hot });
  });
  afterAll(() => jail.close());

  describeExecution(() => jail, []);

  describe('the end of an execution', () => {
    it('comes within 200 ms of a cancel', async () => {
      const mark = 'cancel-me-5127';
      const cancel = new AbortController();
      const source = `import os\nos.execv("/usr/bin/python3", ["python3", "-c", "import time; time.sleep(60)", "${mark}"])`;
      const running = runIn(jail, source, { signal: cancel.signal });
      while (processesWith(mark).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const before = performance.now();
      cancel.abort();
      expect((await running).status).toBe(CANCELLED);
      expect(performance.now() - before).toBeLessThan(200);
      expect(processesWith(mark)).toEqual([]);
    });

    it('can come at any moment of its making, and leaves nothing', async () => {
      for (let delayMs = 0; delayMs < 30; delayMs += 1) {
        const cancel = new AbortController();
        const running = runIn(jail, 'import time; time.sleep(9)', { signal: cancel.signal });
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        const before = performance.now();
        cancel.abort();
        expect((await running).status).toBe(CANCELLED);
        expect(performance.now() - before).toBeLessThan(1000);
      }
      // Interpreters stay for the next program; they end with the backend.
      if (hot) await jail.close();
      const left = (): number[] => processesWith(`${OWNER_MARK}${process.pid} `);
      for (let tries = 0; tries < 50 && left().length > 0; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(left()).toEqual([]);
    });

    it('leaves no control groups', async () => {
      await Promise.all(Array.from({ length: 6 }, () => runIn(jail, 'print(1)')));
      const groups = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `${process.pid}-*`]);
      expect(groups.stdout.toString()).toBe('');
    });
  });
});
