import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { encodeEvent, eventStream } from './event-stream.js';

const decoder = new TextDecoder();

/** A stream whose events a test hands out one by one. */
function open() {
  const clock = createFakeClock();
  const given: IteratorResult<string, unknown>[] = [];
  const waiting: ((step: IteratorResult<string, unknown>) => void)[] = [];
  const facts = { ended: 0, stalled: 0, returned: 0 };
  const response = eventStream({
    clock,
    heartbeatMs: 10_000,
    stallMs: 60_000,
    events: {
      next: () => {
        const step = given.shift();
        if (step !== undefined) return Promise.resolve(step);
        return new Promise((resolve) => waiting.push(resolve));
      },
      return: () => {
        facts.returned += 1;
        return Promise.resolve({ done: true, value: undefined });
      },
    },
    onStall: () => (facts.stalled += 1),
    onEnd: () => (facts.ended += 1),
  });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('the response has no body');
  const read = async (): Promise<string | undefined> => {
    const { value } = await reader.read();
    return value === undefined ? undefined : decoder.decode(value);
  };
  const give = (step: IteratorResult<string, unknown>): void => {
    const take = waiting.shift();
    if (take === undefined) given.push(step);
    else take(step);
  };
  return { clock, facts, read, reader, give };
}

describe('a stream of events', () => {
  it('sends a comment for every ten seconds of silence, and loses no event by it', async () => {
    const stream = open();
    const first = stream.read();
    await stream.clock.advance(9_999);
    expect(stream.clock.pending()).toContain(10_000);
    await stream.clock.advance(1);
    expect(await first).toBe(': keep-alive\n\n');
    const second = stream.read();
    await stream.clock.advance(10_000);
    expect(await second).toBe(': keep-alive\n\n');
    const third = stream.read();
    stream.give({ done: false, value: 'data: 1\n\n' });
    expect(await third).toBe('data: 1\n\n');
    const end = stream.read();
    stream.give({ done: true, value: undefined });
    expect(await end).toBeUndefined();
    expect(stream.facts).toEqual({ ended: 1, stalled: 0, returned: 0 });
    expect(stream.clock.pending()).toEqual([]);
  });

  it('takes no event that the client has not asked for, and cuts a client off that takes none', async () => {
    const stream = open();
    const first = stream.read();
    stream.give({ done: false, value: 'data: 1\n\n' });
    await first;
    await stream.clock.advance(59_999);
    expect(stream.facts.stalled).toBe(0);
    await stream.clock.advance(1);
    expect(stream.facts).toEqual({ ended: 1, stalled: 1, returned: 1 });
    expect(stream.clock.pending()).toEqual([]);
  });

  it('closes its source when the client goes away, and leaves no timer', async () => {
    const stream = open();
    const first = stream.read();
    stream.give({ done: false, value: 'data: 1\n\n' });
    await first;
    await stream.reader.cancel();
    expect(stream.facts).toEqual({ ended: 1, stalled: 0, returned: 1 });
    expect(stream.clock.pending()).toEqual([]);
  });
});

describe('an event', () => {
  it('has its lines one by one', () => {
    expect(encodeEvent('a\nb', { id: '7', event: 'x' })).toBe('id: 7\nevent: x\ndata: a\ndata: b\n\n');
  });
});
