import { Run, RunState, RunStatus } from '@flowreasoner/contracts/metaagent';
import { describe, expect, it } from 'vitest';
import { runFacts, runTable } from './run-words.js';

const run = (id: string, fields: object = {}): Run => ({
  ...Run.fromPartial({ name: `runs/${id}`, state: RunState.RUN_STATE_RUNNING, rounds: 1 }),
  createTime: new Date('2026-01-02T03:04:05Z'),
  ...fields,
});

const one = run('01a22858-db27-7000-af94-eecd047d1867', {
  task: { id: 'squares' },
  options: { policy: 'search' },
});
const two = run('01a22858-db28-7000-8000-000000000000', {
  task: { id: 'a\u001b[2J' },
  options: { policy: 'llm' },
  result: { status: RunStatus.RUN_STATUS_SOLVED, visible: { passed: 2, total: 2 } },
});

describe('runTable', () => {
  it('fits eighty columns, with ids that name one run', () => {
    expect(runTable([one, two], 80)).toEqual([
      'RUN            STATE    CREATED (UTC)        ROUNDS  CHECKS  POLICY  TASK',
      '01a22858-db27  running  2026-01-02 03:04:05  1       -       search  squares',
      '01a22858-db28  solved   2026-01-02 03:04:05  1       2/2     llm     a\\x1b[2J',
    ]);
  });

  it('shows whole ids of runs that were made in the same millisecond', () => {
    const twin = run('01a22858-db27-7000-ffff-000000000000');
    expect(runTable([one, twin, two], Infinity).map((line) => line.split(' ')[0])).toEqual([
      'RUN',
      '01a22858-db27-7000-af94-eecd047d1867',
      '01a22858-db27-7000-ffff-000000000000',
      '01a22858-db28',
    ]);
  });

  it('cuts what does not fit', () => {
    expect(runTable([one], 40)[1]).toBe('01a22858-db27  running  2026-01-02 03:0…');
  });
});

describe('runFacts', () => {
  it('leaves out what is not known', () => {
    expect(runFacts(one)).toEqual({
      facts: [
        ['run', 'runs/01a22858-db27-7000-af94-eecd047d1867'],
        ['task', 'squares'],
        ['state', 'running'],
        ['policy', 'search'],
        ['created', '2026-01-02T03:04:05.000Z'],
        ['rounds', '1'],
      ],
      answer: '',
    });
  });
});
