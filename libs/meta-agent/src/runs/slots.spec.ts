import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

describe('slots', () => {
  const never = new AbortController().signal;

  it('are given in the order they were asked for', async () => {
    const slots = new Slots(1);
    const first = await slots.take(never);
    const order: number[] = [];
    const others = [1, 2].map(async (number) => {
      const release = await slots.take(never);
      order.push(number);
      release?.();
    });
    expect(slots.waiting).toBe(2);
    first?.();
    first?.();
    await Promise.all(others);
    expect(order).toEqual([1, 2]);
    expect(await slots.take(never)).toBeDefined();
  });

  it('are not taken by those who have left', async () => {
    const slots = new Slots(1);
    const held = await slots.take(never);
    const leaving = new AbortController();
    const waiting = slots.take(leaving.signal);
    leaving.abort();
    expect(await waiting).toBeUndefined();
    expect(await slots.take(leaving.signal)).toBeUndefined();
    held?.();
    expect(await slots.take(never)).toBeDefined();
  });
});
