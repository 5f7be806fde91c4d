import { FlowError } from '@flowreasoner/rpc';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { callDependency, dependencies } from './dependency.js';

const away = new FlowError('UNAVAILABLE', 'SERVICE_UNREACHABLE', 'It is away.');
const patienceMs = 30_000;

/** Calls a dependency whose tries are given; each takes its time by the clock of the test. */
function call(
  attempt: (index: number, working: () => void, takes: (ms: number) => Promise<void>) => unknown,
) {
  const clock = createFakeClock();
  const stop = new AbortController();
  let tries = 0;
  const context = { signal: stop.signal, ports: { clock, patienceMs } as never };
  const takes = (ms: number): Promise<void> => clock.sleep(ms);
  const done = callDependency(context, dependencies.runner, async (working) =>
    attempt(tries++, working, takes),
  );
  done.catch(() => undefined);
  return { clock, done, stop, tries: () => tries };
}

describe('a call of a service that a run needs', () => {
  it('is made again when the service went away after long work', async () => {
    const { clock, done, tries } = call(async (index, working, takes) => {
      if (index === 1) return 'done';
      working();
      await takes(10 * patienceMs);
      throw away;
    });
    await clock.advance(11 * patienceMs);
    expect(await done).toBe('done');
    expect(tries()).toBe(2);
  });

  it('is given up when the service has been away for as long as the patience lasts', async () => {
    const { clock, done, tries } = call(() => Promise.reject(away));
    await clock.advance(patienceMs - 2_000);
    const before = tries();
    expect(before).toBeGreaterThan(10);
    await clock.advance(10 * patienceMs);
    expect(tries()).toBeLessThanOrEqual(before + 2);
    await expect(done).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'RUNNER_UNAVAILABLE' });
  });

  it('is given up when the service goes away again and again while it works on it', async () => {
    const { clock, done, tries } = call(async (_, working, takes) => {
      working();
      await takes(2 * patienceMs);
      throw away;
    });
    await clock.advance(100 * patienceMs);
    await expect(done).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(tries()).toBeLessThan(8);
  });

  it('is not made again when the service says no, or when the run ends', async () => {
    const refused = new FlowError('FAILED_PRECONDITION', 'NO', 'No.');
    const said = call(() => Promise.reject(refused));
    await expect(said.done).rejects.toBe(refused);
    expect(said.tries()).toBe(1);

    const ended = call(() => Promise.reject(away));
    await ended.clock.advance(50);
    const reason = new FlowError('CANCELLED', 'RUN_CANCELLED', 'Cancelled.');
    ended.stop.abort(reason);
    await expect(ended.done).rejects.toBe(reason);
    expect(ended.tries()).toBe(1);
  });
});
