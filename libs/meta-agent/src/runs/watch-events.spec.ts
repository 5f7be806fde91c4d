import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../ports.js';
import { EventHub } from './event-hub.js';
import { RunTails } from './run-tails.js';
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

  gone = false;
  tails: Journal['tails'] = (runIds) => {
    const lastSequence = BigInt(this.last);
    const tail = { tenant: 't', lastSequence, finished: this.last === mostEvents };
    return Promise.resolve(this.gone ? [] : runIds.map((runId) => ({ ...tail, runId })));
  };
}

function watch(journal: EndlessJournal, hub: EventHub, afterSequence = 0n, clock = createFakeClock()) {
  return watchEvents({
    journal: journal as unknown as Journal,
    hub,
    tails: new RunTails({ journal, clock }),
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

describe('watching a run that another process works on', () => {
  function start(afterSequence = 0n) {
    const clock = createFakeClock();
    const journal = new EndlessJournal();
    journal.exclusive = false;
    const hub = new EventHub();
    return { clock, journal, hub, watching: watch(journal, hub, afterSequence, clock) };
  }
  type Started = ReturnType<typeof start>;

  async function nextAfter(clock: Started['clock'], watching: Started['watching'], ms: number) {
    const next = watching.next();
    await clock.advance(0);
    await clock.advance(ms);
    return next;
  }

  it('gives its events at the next look, and looks no more once it has ended', async () => {
    const { clock, journal, watching } = start();
    for (const last of [1, 2, 5]) {
      journal.last = last;
      expect((await nextAfter(clock, watching, 50)).value?.sequence).toBe(last === 5 ? 3n : BigInt(last));
    }
    journal.last = mostEvents;
    const sequences: bigint[] = [];
    const reading = (async () => {
      for await (const { sequence } of watching) sequences.push(sequence);
    })();
    await clock.advance(50);
    await reading;
    expect(sequences).toEqual(Array.from({ length: mostEvents - 3 }, (_, index) => BigInt(index + 4)));
    expect(clock.pending()).toEqual([]);
  });

  it('misses and repeats nothing when the run comes here and goes away again', async () => {
    const { clock, journal, hub, watching } = start();
    const sequences: bigint[] = [];
    const reading = (async () => {
      for await (const { sequence } of watching) sequences.push(sequence);
    })();
    const commit = (count: number, here: boolean): void => {
      const events = Array.from({ length: count }, (_, index) => eventAt(journal.last + index + 1));
      journal.last += count;
      if (here) hub.committed('r', events);
    };
    for (const here of [false, true, true, false, false, true, false]) {
      commit(3, here);
      await clock.advance(20);
    }
    // Where the hub has told of the run before it is looked at once a second, and read at the second look.
    await clock.advance(1_100);
    expect(sequences).toEqual(Array.from({ length: 21 }, (_, index) => BigInt(index + 1)));
    journal.last = mostEvents - 1;
    commit(1, false);
    await clock.advance(1_100);
    await reading;
    expect(sequences).toEqual(Array.from({ length: mostEvents }, (_, index) => BigInt(index + 1)));
  });

  it('ends when the run ends before the event to go on after, and when the run is deleted', async () => {
    const ended = start(BigInt(mostEvents));
    ended.journal.last = 7;
    const waiting = ended.watching.next();
    await ended.clock.advance(50);
    ended.journal.last = mostEvents;
    await ended.clock.advance(50);
    expect((await waiting).done).toBe(true);

    const deleted = start(7n);
    deleted.journal.last = 7;
    const next = deleted.watching.next();
    await deleted.clock.advance(50);
    deleted.journal.gone = true;
    await deleted.clock.advance(50);
    expect((await next).done).toBe(true);
  });

  it('looks at all runs in one statement, however many watch', async () => {
    const clock = createFakeClock();
    const asked: (readonly string[])[] = [];
    const tails = new RunTails({
      journal: {
        exclusive: false,
        tails: (runIds) => {
          asked.push(runIds);
          return Promise.resolve([]);
        },
      },
      clock,
    });
    const told: string[] = [];
    const fed = new Set<string>();
    const stops = ['a', 'b', 'b', 'c'].map((runId) =>
      tails.follow(runId, { onTail: () => told.push(runId), isFed: () => fed.has(runId) }),
    );
    await clock.advance(50);
    expect(asked).toEqual([['a', 'b', 'c']]);
    expect(told).toEqual(['a', 'b', 'b', 'c']);
    stops[0]?.();
    stops[1]?.();
    await clock.advance(50);
    expect(asked[1]).toEqual(['b', 'c']);
    // Those that this process works on are among them once a second.
    fed.add('b');
    await clock.advance(1_000);
    expect(asked).toHaveLength(22);
    expect(asked.slice(2).filter((runIds) => runIds.includes('b'))).toHaveLength(1);
    fed.add('c');
    await clock.advance(1_000);
    expect(asked.slice(22)).toEqual([['b', 'c']]);
    for (const stop of stops) stop();
    await clock.advance(10_000);
    expect(asked).toHaveLength(23);
  });
});

describe('watching a run of the only process', () => {
  it('ends when the run ends before the event to go on after', async () => {
    const journal = new EndlessJournal();
    const hub = new EventHub();
    const next = watch(journal, hub, BigInt(mostEvents)).next();
    await new Promise(setImmediate);
    journal.last = mostEvents;
    hub.committed('r', [eventAt(mostEvents)]);
    expect((await next).done).toBe(true);
  });
});

/** Bytes in use once everything that nobody holds is gone. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
