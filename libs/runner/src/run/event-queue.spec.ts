import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';

type Event = NonNullable<WorkflowEvent['event']>;

const delta = (requestId: string, text: string): Event => ({
  $case: 'tokenDelta',
  value: { callId: '1', requestId, text },
});
const finished = (callId: string): Event => ({
  $case: 'operatorFinished',
  value: { callId, errorType: '', message: '', resultJson: '' },
});

function queueOn(clock = createFakeClock()): EventQueue {
  const start = clock.now();
  return new EventQueue({ elapsedMs: () => clock.now() - start, after: clock.after });
}

const textOf = ({ event }: WorkflowEvent): string | undefined =>
  event?.$case === 'tokenDelta' ? event.value.text : event?.$case;

async function all(queue: EventQueue): Promise<WorkflowEvent[]> {
  const events: WorkflowEvent[] = [];
  for await (const event of queue.read()) events.push(event);
  return events;
}

describe('EventQueue', () => {
  it('gives events in order with the time of the run', async () => {
    const clock = createFakeClock();
    const queue = queueOn(clock);
    queue.push(finished('1'));
    await clock.advance(12);
    queue.push(finished('2'));
    queue.close();
    expect((await all(queue)).map(({ atMs }) => atMs)).toEqual([0, 12]);
  });

  it('joins text of one request that nobody has read yet, and not across another event', async () => {
    const queue = queueOn();
    for (const event of [delta('a', 'x'), delta('b', 'z'), delta('a', 'y'), finished('1'), delta('a', 'w')])
      queue.push(event);
    queue.close();
    expect((await all(queue)).map(textOf)).toEqual(['xy', 'z', 'operatorFinished', 'w']);
  });

  it('lets text wait for more of it, but not for long, and no other event for it', async () => {
    const clock = createFakeClock();
    const queue = queueOn(clock);
    const texts: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const event of queue.read()) texts.push(textOf(event));
    })();
    queue.push(delta('a', 'one '));
    await clock.advance(10);
    queue.push(delta('b', 'other'));
    await clock.advance(14);
    queue.push(delta('a', 'two'));
    expect(texts).toEqual([]);
    await clock.advance(1);
    expect(texts).toEqual(['one two', 'other']);
    queue.push(delta('a', 'three'));
    queue.push(finished('1'));
    await clock.advance(0);
    expect(texts).toEqual(['one two', 'other', 'three', 'operatorFinished']);
    queue.push(delta('a', 'four'));
    queue.close();
    await reading;
    expect(texts.at(-1)).toBe('four');
    expect(clock.pending()).toEqual([]);
  });

  it('makes writers wait for a slow reader', async () => {
    const queue = queueOn();
    for (let i = 0; i < 256; i += 1) queue.push(finished(String(i)));
    let hasRoom = false;
    const room = queue.room().then(() => {
      hasRoom = true;
    });
    await new Promise(setImmediate);
    expect(hasRoom).toBe(false);
    const reader = queue.read();
    await reader.next();
    await room;
    expect(hasRoom).toBe(true);
  });

  it('lets writers go and drops events once it is closed', async () => {
    const queue = queueOn();
    for (let i = 0; i < 300; i += 1) queue.push(finished(String(i)));
    const room = queue.room();
    queue.close();
    await room;
    queue.push(finished('late'));
    expect(await all(queue)).toHaveLength(300);
  });
});
