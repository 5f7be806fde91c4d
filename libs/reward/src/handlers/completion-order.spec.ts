import { describe, expect, it } from 'vitest';
import { inCompletionOrder } from './completion-order.js';

async function* numbers(count: number, taken: number[] = []): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) {
    taken.push(n);
    yield n;
  }
}

async function collect<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('inCompletionOrder', () => {
  it('yields what is ready first', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const results = inCompletionOrder(numbers(2), 2, async (n) => {
      await gates[n]?.promise;
      return n;
    });
    gates[1]?.resolve();
    expect((await results.next()).value).toBe(1);
    gates[0]?.resolve();
    expect((await results.next()).value).toBe(0);
    expect((await results.next()).done).toBe(true);
  });

  it('reads no further than there is room', async () => {
    const taken: number[] = [];
    const gate = Promise.withResolvers<void>();
    const results = inCompletionOrder(numbers(5, taken), 2, async (n) => {
      if (n === 1) return n;
      await gate.promise;
      return n;
    });
    expect((await results.next()).value).toBe(1);
    expect(taken).toEqual([0, 1]);
    gate.resolve();
    expect((await collect(results)).sort()).toEqual([0, 2, 3, 4]);
  });

  it('ends with the first failure, though the source has nothing more to give', async () => {
    async function* endless(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => undefined);
    }
    const results = inCompletionOrder(endless(), 4, () => Promise.reject(new Error('bad item')));
    await expect(collect(results)).rejects.toThrow('bad item');
  });
});
