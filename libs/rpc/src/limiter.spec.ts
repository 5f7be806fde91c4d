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

  it('runs tasks in order, and gives their places back also when they fail', async () => {
    const limiter = createLimiter(2);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const tasks = [0, 1, 2, 3, 4].map((index) =>
      limiter.run(async () => {
        begun.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (index === 0) throw new Error('failed');
        return index;
      }),
    );
    const results = Promise.allSettled(tasks);
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await turn();
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    for (let index = 1; index < 5; index++) {
      ends[index]?.();
      await turn();
    }
    expect((await results).map(({ status }) => status)).toEqual([
      'rejected',
      ...Array.from({ length: 4 }, () => 'fulfilled'),
    ]);
    await expect(limiter.run(() => Promise.resolve('again'))).resolves.toBe('again');
    await expect(limiter.run(() => Promise.resolve(), AbortSignal.abort(new Error('gone')))).rejects.toThrow(
      'gone',
    );
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
