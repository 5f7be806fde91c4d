import { describe, expect, it } from 'vitest';
import { createLimiter } from './limiter.js';

const never = new AbortController().signal;

describe('createLimiter', () => {
  it('lets the others in one by one, in the order they came', async () => {
    const limiter = createLimiter(2);
    const entered: number[] = [];
    const leaves: (() => void)[] = [];
    const enter = async (id: number): Promise<void> => {
      leaves.push(await limiter.acquire(never));
      entered.push(id);
    };
    const all = [1, 2, 3, 4].map(enter);
    await new Promise(setImmediate);
    expect(entered).toEqual([1, 2]);
    leaves[0]?.();
    leaves[0]?.();
    await new Promise(setImmediate);
    expect(entered).toEqual([1, 2, 3]);
    leaves[1]?.();
    await Promise.all(all);
    expect(entered).toEqual([1, 2, 3, 4]);
  });

  it('lets one that waits go when it is aborted, and keeps its place free for others', async () => {
    const limiter = createLimiter(1);
    const leave = await limiter.acquire(never);
    const controller = new AbortController();
    const waiting = limiter.acquire(controller.signal);
    const next = limiter.acquire(never);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    leave();
    (await next)();
    await expect(limiter.acquire(controller.signal)).rejects.toThrow('gone');
    (await limiter.acquire(never))();
  });
});
