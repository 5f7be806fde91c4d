import { RunState } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import type { Journal, RunAppend } from '../ports.js';
import { EventHub } from './event-hub.js';
import { emptyFold } from './run-fold.js';
import { RunTails } from './run-tails.js';
import { RunWriter } from './run-writer.js';
import { watchEvents } from './watch-events.js';

const claim = { runId: 'r', epoch: 4n, lastSequence: 0n };
const thought = (text: string) => ({ $case: 'reasoning', value: { text } }) as const;

/** A journal in memory whose writes wait until they are let go. */
class SlowJournal implements Partial<Journal> {
  readonly exclusive = true;
  readonly appends: RunAppend[] = [];
  failure: Error | undefined;
  #go: (() => void)[] = [];

  async append(append: RunAppend): Promise<void> {
    await new Promise<void>((resolve) => this.#go.push(resolve));
    if (this.failure !== undefined) throw this.failure;
    this.appends.push(append);
  }

  readEvents: Journal['readEvents'] = (_, after) =>
    Promise.resolve(
      this.appends.flatMap((append) => append.events).filter((event) => event.sequence > after),
    );

  tails: Journal['tails'] = ([runId = '']) =>
    Promise.resolve([
      {
        runId,
        tenant: 't',
        lastSequence: this.appends.at(-1)?.run.lastSequence ?? 0n,
        finished: this.appends.at(-1)?.run.state === RunState.RUN_STATE_FINISHED,
      },
    ]);

  letGo(): void {
    for (const go of this.#go.splice(0)) go();
  }

  get port(): Journal {
    return this as unknown as Journal;
  }
}

function startWriter() {
  const journal = new SlowJournal();
  const hub = new EventHub();
  const failures: unknown[] = [];
  const clock = createFakeClock();
  const writer = new RunWriter({
    journal: journal.port,
    hub,
    clock,
    claim,
    fold: emptyFold,
    patienceMs: 0,
    onFailure: (error) => failures.push(error),
  });
  const tails = new RunTails({ journal: journal.port, clock });
  return { journal, hub, tails, writer, failures };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the writer of a run', () => {
  it('numbers facts at once and writes together what came in meanwhile', async () => {
    const { journal, writer } = startWriter();
    writer.emit(1, thought('a'));
    writer.emit(1, thought('b'));
    await turn();
    for (const text of ['c', 'd', 'e']) writer.emit(2, thought(text));
    expect(writer.fold.run.lastSequence).toBe(5n);
    journal.letGo();
    await turn();
    journal.letGo();
    await writer.flush();
    expect(
      journal.appends.map(({ epoch, expectedSequence, events }) => [epoch, expectedSequence, events.length]),
    ).toEqual([
      [4n, 0n, 2],
      [4n, 2n, 3],
    ]);
    expect(journal.appends[1]?.run.lastSequence).toBe(5n);
  });

  it('waits for what was emitted by then, and not for what comes after', async () => {
    const { journal, writer } = startWriter();
    writer.emit(1, thought('a'));
    let isFlushed = false;
    void writer.flush().then(() => (isFlushed = true));
    await turn();
    writer.emit(1, thought('b'));
    expect(isFlushed).toBe(false);
    journal.letGo();
    await turn();
    expect(isFlushed).toBe(true);
    expect(journal.appends).toHaveLength(1);
  });

  it('stops writing when the journal refuses, and tells watchers', async () => {
    const { journal, writer, hub, tails, failures } = startWriter();
    const lost = new FlowError('ABORTED', 'RUN_LOST', 'Lost.');
    journal.failure = lost;
    const watched = watchEvents({
      journal: journal.port,
      hub,
      tails,
      runId: 'r',
      afterSequence: 0n,
      passing: false,
      signal: new AbortController().signal,
    });
    const next = watched.next();
    await turn();
    writer.emit(1, thought('a'));
    await turn();
    journal.letGo();
    await expect(writer.flush()).rejects.toBe(lost);
    await expect(next).rejects.toBe(lost);
    expect(failures).toEqual([lost]);
    writer.emit(1, thought('b'));
    await expect(writer.flush()).rejects.toBe(lost);
    expect(journal.appends).toEqual([]);
  });

  it('streams passing facts in their place and never journals them', async () => {
    const { journal, writer, hub, tails } = startWriter();
    const seen: (string | undefined)[] = [];
    const watching = (async () => {
      const stop = new AbortController().signal;
      const options = {
        journal: journal.port,
        hub,
        tails,
        runId: 'r',
        afterSequence: 0n,
        signal: stop,
      };
      for await (const { event } of watchEvents({ ...options, passing: true })) {
        seen.push(event?.$case === 'reasoning' ? event.value.text : event?.$case);
      }
    })();
    await turn();
    writer.emit(1, thought('one'));
    writer.pass(1, thought('passing'));
    writer.emit(1, thought('two'));
    writer.emit(0, { $case: 'runFinished', value: { result: undefined } });
    while (journal.appends.length === 0) {
      await turn();
      journal.letGo();
    }
    await watching;
    expect(seen).toEqual(['one', 'passing', 'two', 'runFinished']);
    expect(journal.appends.flatMap(({ events }) => events)).toHaveLength(3);
  });
});
