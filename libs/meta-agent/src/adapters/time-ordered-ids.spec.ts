import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { createTimeOrderedIds } from './time-ordered-ids.js';

describe('time-ordered identifiers', () => {
  it('are UUIDs of version 7 that sort as they were made, also within a millisecond', async () => {
    const clock = createFakeClock();
    const ids = createTimeOrderedIds(clock);
    const made = Array.from({ length: 10_000 }, () => ids.next());
    await clock.advance(5);
    made.push(ids.next());
    expect(new Set(made).size).toBe(made.length);
    expect([...made].sort()).toEqual(made);
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
