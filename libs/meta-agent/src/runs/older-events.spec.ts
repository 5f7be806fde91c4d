import { readFileSync } from 'node:fs';
import { RunEvent, RunState } from '@flowreasoner/contracts/metaagent';
import { describe, expect, it } from 'vitest';
import { recordedOutcome } from '../solve/make-round.js';
import { recordedProposals } from '../solve/propose-round.js';
import { emptyFold, foldEvent, foldEvents, usedByRound } from './run-fold.js';
import { RunRecord } from './run-record.js';
import { Trajectory } from './trajectory.js';

/** Journals as the first version wrote them: no normal forms, no reservations, no scores of single answers. */
const journals = JSON.parse(
  readFileSync(new URL('../testing/journals/version-1.json', import.meta.url), 'utf8'),
) as Readonly<Record<'finished' | 'unfinished', readonly string[]>>;

function eventsOf(journal: keyof typeof journals): RunEvent[] {
  return journals[journal].map((encoded) => RunEvent.decode(Buffer.from(encoded, 'base64')));
}

function recordOf(events: readonly RunEvent[]): RunRecord {
  const record = new RunRecord();
  for (const event of events) record.add(event);
  return record;
}

describe('events of the first version', () => {
  it('fold to the state of their run', () => {
    const { run } = foldEvents(eventsOf('finished'));
    expect(run).toMatchObject({
      state: RunState.RUN_STATE_FINISHED,
      rounds: 2,
      lastSequence: 20n,
      usage: { modelCalls: 5 },
      result: { answer: 'attempt of score 1', bestRound: 2 },
      task: { id: 'adds' },
      options: { policy: 'search', maxRounds: 3 },
    });
  });

  it('tell whoever goes on with the run how far it has come', () => {
    const events = eventsOf('unfinished');
    const record = recordOf(events);
    const first = record.round(1);
    if (first?.evaluated === undefined) throw new Error('the first round is not finished');
    const outcome = recordedOutcome({ ...first, evaluated: first.evaluated }, []);
    expect(outcome.best).toMatchObject({ answer: 'attempt of score 0.5', score: 0.5, solved: false });
    expect(outcome.past).toMatchObject({ round: 1, modification: 'Way 1', score: 0.5 });
    expect(outcome.past?.normalForm).toBe(outcome.past?.source);
    const { open } = record;
    expect(open).toMatchObject({ round: 2, parentRound: 1, results: [] });
    const { accepted, rejected } = recordedProposals(open?.proposals ?? []);
    expect(accepted?.proposal.modification).toBe('Way 2');
    expect(rejected.map(({ problems }) => problems)).toEqual([
      [expect.stringContaining('There is no workflow class') as string],
    ]);
    expect(open?.attempt.memo.map(({ key }) => key)).toEqual(['b']);
    // One request was in flight; no more than that it was one is known of it.
    const ended = open?.attempt.breakOff('Lost.') ?? [];
    expect(ended.map((fact) => fact.$case)).toEqual(['modelRequestFinished', 'finished']);
    expect(usedByRound(foldEvents(events)).modelCalls).toBe(2);
    expect(ended.at(-1)).toMatchObject({ value: { usage: { modelCalls: 2, promptTokens: 100 } } });
  });

  it('are exported', () => {
    const trajectory = new Trajectory();
    for (const event of eventsOf('finished')) trajectory.add(event);
    const row = trajectory.row({ operators: [], defaults: { policy: 'search' }, promptBytes: 24_000 });
    expect(row?.prompt).toContain('Workflow of round 1, score 0.50');
    expect(row?.meta).toMatchObject({ policy: 'search', round: 2, status: 'solved' });
  });
});

describe('an event of a later version', () => {
  it('changes nothing but the sequence', () => {
    const fold = foldEvents(eventsOf('unfinished'));
    // Field 900, which no version knows, as a message of two bytes.
    const unknown = Buffer.from([0xa2, 0x38, 0x02, 0x08, 0x01]);
    const known = RunEvent.encode(RunEvent.fromPartial({ run: 'runs/r', sequence: 17n, round: 2 })).finish();
    const later = RunEvent.decode(Buffer.concat([known, unknown]));
    expect(later.event).toBeUndefined();
    const next = foldEvent(fold, later);
    expect(next).toEqual({ ...fold, run: { ...fold.run, lastSequence: 17n } });
    expect(foldEvent(emptyFold, later).run.lastSequence).toBe(17n);
    const record = recordOf([...eventsOf('unfinished'), later]);
    expect(record.open?.round).toBe(2);
  });
});
