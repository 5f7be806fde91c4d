import { describe, expect, it } from 'vitest';
import { Places } from './places.js';

describe('places', () => {
  it('are held by so many at once, in order, also when an action fails', async () => {
    const places = new Places(2);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const actions = [0, 1, 2, 3, 4].map((index) =>
      places.hold(async () => {
        begun.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (index === 0) throw new Error('failed');
        return index;
      }),
    );
    const results = Promise.allSettled(actions);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
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
    await expect(places.hold(() => Promise.resolve('again'))).resolves.toBe('again');
  });
});
