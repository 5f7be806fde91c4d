import { describe, expect, it } from 'vitest';
import { createFakeClock } from '@flowreasoner/testing';
import { GroupCommit } from './group-commit.js';

const byNumber = (item: number): number => item;

describe('group commit', () => {
  it('writes in batches, in order, one at a time', async () => {
    const batches: number[][] = [];
    let atWork = 0;
    const commit = new GroupCommit<number>(
      async (items) => {
        expect(++atWork).toBe(1);
        batches.push([...items]);
        await new Promise((resolve) => setImmediate(resolve));
        atWork--;
        return items.map(() => undefined);
      },
      { weigh: byNumber, maxWeight: 6 },
    );
    await Promise.all([1, 2, 3, 4, 1, 9, 1].map((item) => commit.add(item)));
    await commit.add(6);
    await commit.idle();
    // One that is too heavy for any batch has one of its own.
    expect(batches).toEqual([[1, 2, 3], [4, 1], [9], [1], [6]]);
  });

  it('tells each caller of its own failure, and all of a failed batch', async () => {
    const commit = new GroupCommit<string>(
      (items) => {
        if (items.includes('all')) return Promise.reject(new Error('all failed'));
        return Promise.resolve(items.map((item) => (item === 'bad' ? new Error('bad failed') : undefined)));
      },
      { weigh: () => 1, maxWeight: 100 },
    );
    const results = await Promise.allSettled(['good', 'bad'].map((item) => commit.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const failed = await Promise.allSettled(['all', 'good'].map((item) => commit.add(item)));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(commit.add('good')).resolves.toBeUndefined();
  });

  it('keeps batches apart while several callers write, and lets nobody wait who is alone', async () => {
    const clock = createFakeClock();
    const batches: (readonly [atMs: number, items: readonly number[]])[] = [];
    const startedAt = clock.now();
    const commit = new GroupCommit<number>(
      (items) => {
        batches.push([clock.now() - startedAt, items]);
        return Promise.resolve(items.map(() => undefined));
      },
      { weigh: () => 1, maxWeight: 4, apartMs: 10, stopwatch: clock },
    );
    await commit.add(1);
    await commit.add(2);
    await Promise.all([3, 4].map((item) => commit.add(item)));
    const late = [5, 6].map((item) => commit.add(item));
    await clock.advance(9);
    late.push(commit.add(7));
    await clock.advance(1);
    await Promise.all(late);
    // Where more waits than fits, what fits goes at once; what is left waits.
    const many = Promise.all([8, 9, 10, 11, 12].map((item) => commit.add(item)));
    await clock.advance(10);
    await many;
    const times = [
      [0, [1]],
      [0, [2]],
      [0, [3, 4]],
      [10, [5, 6, 7]],
      [10, [8, 9, 10, 11]],
      [20, [12]],
    ];
    expect(batches).toEqual(times);
  });
});
