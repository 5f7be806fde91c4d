import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';
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

async function all(queue: EventQueue): Promise<WorkflowEvent[]> {
  const events: WorkflowEvent[] = [];
  for await (const event of queue.read()) events.push(event);
  return events;
}

describe('EventQueue', () => {
  it('gives events in order with the time of the run', async () => {
    let now = 0;
    const queue = new EventQueue(() => now);
    queue.push(finished('1'));
    now = 12.4;
    queue.push(finished('2'));
    queue.close();
    expect((await all(queue)).map(({ atMs }) => atMs)).toEqual([0, 12]);
  });

  it('joins text of one request that nobody has read yet, and no other', async () => {
    const queue = new EventQueue(() => 0);
    for (const event of [delta('a', 'x'), delta('a', 'y'), delta('b', 'z'), delta('a', 'w')])
      queue.push(event);
    queue.close();
    const texts = (await all(queue)).map(({ event }) => event?.$case === 'tokenDelta' && event.value.text);
    expect(texts).toEqual(['xy', 'z', 'w']);
  });

  it('makes writers wait for a slow reader', async () => {
    const queue = new EventQueue(() => 0);
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
    const queue = new EventQueue(() => 0);
    for (let i = 0; i < 300; i += 1) queue.push(finished(String(i)));
    const room = queue.room();
    queue.close();
    await room;
    queue.push(finished('late'));
    expect(await all(queue)).toHaveLength(300);
  });
});
