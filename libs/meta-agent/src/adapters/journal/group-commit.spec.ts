import { describe, expect, it } from 'vitest';
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
      byNumber,
      6,
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
      () => 1,
      100,
    );
    const results = await Promise.allSettled(['good', 'bad'].map((item) => commit.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const failed = await Promise.allSettled(['all', 'good'].map((item) => commit.add(item)));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(commit.add('good')).resolves.toBeUndefined();
  });
});
