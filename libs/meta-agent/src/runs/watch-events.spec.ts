import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RunState, type Run, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../ports.js';
import { EventHub } from './event-hub.js';
import { emptyFold } from './run-fold.js';
import { watchEvents } from './watch-events.js';

const mostEvents = 40_000;

function eventAt(sequence: number): RunEvent {
  const event: RunEvent['event'] =
    sequence === mostEvents
      ? { $case: 'runFinished', value: { result: undefined } }
      : { $case: 'reasoning', value: { text: String(sequence).padEnd(1_000, '.') } };
  return { run: 'runs/r', sequence: BigInt(sequence), time: undefined, round: 1, event };
}

/** A journal that makes its events when they are read, and holds none. */
class EndlessJournal {
  exclusive = true;
  last = 0;
  longestRead = 0;

  readEvents: Journal['readEvents'] = (_, after, limit) => {
    const count = Math.min(limit, this.last - Number(after));
    this.longestRead = Math.max(this.longestRead, count);
    return Promise.resolve(
      Array.from({ length: count }, (_none, index) => eventAt(Number(after) + index + 1)),
    );
  };

  getRun = (): Promise<Run> =>
    Promise.resolve({ ...emptyFold.run, state: RunState.RUN_STATE_RUNNING, lastSequence: BigInt(this.last) });
}

function watch(journal: EndlessJournal, hub: EventHub, afterSequence = 0n) {
  return watchEvents({
    journal: journal as unknown as Journal,
    hub,
    clock: createFakeClock(),
    tenant: 't',
    runId: 'r',
    afterSequence,
    passing: true,
    signal: new AbortController().signal,
  });
}

describe('watching a run', () => {
  it('holds little for a reader that stops reading, who then misses and repeats nothing', async () => {
    const journal = new EndlessJournal();
    const hub = new EventHub();
    const watching = watch(journal, hub);
    const commit = (count: number): void => {
      const events = Array.from({ length: count }, (_, index) => eventAt(journal.last + index + 1));
      journal.last += count;
      hub.committed('r', events);
    };
    commit(1);
    const sequences = [(await watching.next()).value?.sequence];
    const before = memoryInUse();
    while (journal.last < mostEvents - 100) commit(100);
    // These are 40 MB of events.
    expect(memoryInUse() - before).toBeLessThan(4 * 1024 * 1024);
    for (let next = await watching.next(); next.done !== true; next = await watching.next()) {
      sequences.push(next.value.sequence);
      if (journal.last < mostEvents && sequences.length % 500 === 0) commit(mostEvents - journal.last);
    }
    expect(sequences).toEqual(Array.from({ length: mostEvents }, (_, index) => BigInt(index + 1)));
    expect(journal.longestRead).toBeLessThanOrEqual(200);
  });

  it.each([0n, 1n, 199n, 200n, 201n, 20_000n, 39_999n])('goes on after event %s', async (after) => {
    const journal = new EndlessJournal();
    journal.last = mostEvents;
    let expected = after + 1n;
    for await (const { sequence } of watch(journal, new EventHub(), after)) expect(sequence).toBe(expected++);
    expect(expected).toBe(BigInt(mostEvents + 1));
  });
});

/** Bytes in use once everything that nobody holds is gone. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
