import { describe, expect, it } from 'vitest';
import { createFakeClock } from './fake-clock.js';

describe('createFakeClock', () => {
  it('runs due timers in order of time and shows the time of each', async () => {
    const clock = createFakeClock(1000);
    const seen: string[] = [];
    clock.after(20, () => seen.push(`b@${clock.now()}`));
    clock.after(10, () => seen.push(`a@${clock.now()}`));
    clock.after(50, () => seen.push('late'));
    await clock.advance(30);
    expect(seen).toEqual(['a@1010', 'b@1020']);
    expect(clock.now()).toBe(1030);
    expect(clock.pending()).toEqual([50]);
  });

  it('runs timers that other timers set within the same advance', async () => {
    const clock = createFakeClock(0);
    const seen: number[] = [];
    clock.after(5, () => clock.after(5, () => seen.push(clock.now())));
    await clock.advance(10);
    expect(seen).toEqual([10]);
  });

  it('does not run a cancelled timer', async () => {
    const clock = createFakeClock(0);
    let ran = false;
    clock.after(1, () => (ran = true))();
    await clock.advance(5);
    expect(ran).toBe(false);
  });

  it('sleeps until its time, or rejects with the reason of the abort', async () => {
    const clock = createFakeClock(0);
    let woke = false;
    void clock.sleep(100).then(() => (woke = true));
    await clock.advance(99);
    expect(woke).toBe(false);
    await clock.advance(1);
    expect(woke).toBe(true);

    const controller = new AbortController();
    const sleeping = clock.sleep(100, controller.signal);
    controller.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(clock.pending()).toEqual([]);
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('stop');
  });

  it('tells when a matching timer is set, now or later', async () => {
    const clock = createFakeClock(0);
    clock.after(7, () => undefined);
    expect(await clock.whenScheduled((delay) => delay === 7)).toBe(7);
    const later = clock.whenScheduled((delay) => delay > 100);
    clock.after(50, () => undefined);
    clock.after(200, () => undefined);
    expect(await later).toBe(200);
  });
});
