import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';
import { RequestStarts, type RequestStart } from './request-starts.js';

const start = (requestId: string): RequestStart => ({
  $case: 'sandboxRequestStarted',
  value: { callId: '/1', requestId, reservedMs: 1 },
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Tells starts one after another and lists the names of those whose requests may be sent. */
function tellOn(starts: RequestStarts) {
  const events = new EventQueue({ elapsedMs: () => 0, after: createFakeClock().after });
  const sent: string[] = [];
  const stop = new AbortController();
  const tell = (...names: string[]): void => {
    void starts.tell(events, names.map(start), stop.signal).then(() => sent.push(...names));
  };
  return { sent, stop, tell };
}

describe('starts of requests', () => {
  it('hold nothing back where there is no journal', async () => {
    const { sent, tell } = tellOn(new RequestStarts());
    tell('a', 'b');
    await turn();
    expect(sent).toEqual(['a', 'b']);
  });

  it('hold requests back until all that were told with them are kept', async () => {
    const starts = new RequestStarts(true);
    const { sent, tell } = tellOn(starts);
    tell('a');
    tell('b', 'c');
    tell('d');
    await turn();
    expect(sent).toEqual([]);
    starts.keep(2);
    await turn();
    expect(sent).toEqual(['a']);
    starts.keep(1);
    starts.keep(4);
    await turn();
    expect(sent).toEqual(['a', 'b', 'c', 'd']);
  });

  it('can not be kept before they are told', () => {
    const starts = new RequestStarts(true);
    expect(() => starts.keep(1)).toThrow('kept_starts must be at most the 0 that were streamed, not 1.');
  });

  it('wait no longer than the call', async () => {
    const { sent, tell, stop } = tellOn(new RequestStarts(true));
    tell('a');
    await turn();
    expect(sent).toEqual([]);
    stop.abort();
    await turn();
    tell('b');
    await turn();
    expect(sent).toEqual(['a', 'b']);
  });
});
