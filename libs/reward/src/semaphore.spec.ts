import { describe, expect, it } from 'vitest';
import { Semaphore } from './semaphore.js';

describe('Semaphore', () => {
  it('runs at most its number at once, all in the end, past failures too', async () => {
    const semaphore = new Semaphore(2);
    let now = 0;
    let most = 0;
    const task = async (index: number): Promise<number> => {
      most = Math.max(most, (now += 1));
      await Promise.resolve();
      now -= 1;
      if (index === 1) throw new Error('one fails');
      return index;
    };
    const results = await Promise.allSettled(
      [0, 1, 2, 3, 4].map((index) => semaphore.run(() => task(index))),
    );
    expect(most).toBe(2);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
  });
});
