import { FeedbackSource, RunResult, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { describe, expect, it } from 'vitest';
import { colorsFor } from './colors.js';
import { answerTitle, resultLines } from './result-lines.js';

const plain = colorsFor({ isTTY: false }, {});
const run = 'runs/01a22858-db27-7000-af94-eecd047d1867';

const lines = (fields: Partial<RunResult>, name = run): string[] =>
  resultLines({ ...RunResult.fromPartial({}), rounds: 2, durationMs: 1500, ...fields }, name, plain);

describe('resultLines', () => {
  it('says what was judged by what, the cost, and where the run is kept', () => {
    expect(
      lines({
        status: RunStatus.RUN_STATUS_SOLVED,
        answer: 'x',
        visible: { passed: 2, total: 2 },
        feedbackSource: FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS,
        hidden: { passed: 1, total: 1, strictPassed: 1, strictTotal: 1, reward: 1.5 } as never,
      }),
    ).toEqual([
      '',
      '✓ solved  2 of 2 visible checks pass',
      '  judged by the checks that came with the task',
      '  hidden tests: 1 of 1 pass · reward 1.50',
      '  2 rounds · 1.5 s',
      '  kept as run 01a22858-db27: ./flow runs show 01a22858-db27',
    ]);
  });

  it('says nothing of checks where there is no answer, and what to do next', () => {
    expect(
      lines({
        status: RunStatus.RUN_STATUS_UNAVAILABLE,
        visible: { passed: 0, total: 2 },
        feedbackSource: FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS,
        message: 'No answer from http://x.',
        hint: 'Check that it is up.',
      }).slice(1, -1),
    ).toEqual([
      '✗ stopped: a model or service is unavailable',
      '  2 rounds · 1.5 s',
      '  No answer from http://x.',
      '  Check that it is up.',
    ]);
  });

  it.each([
    [{ status: RunStatus.RUN_STATUS_BUDGET, reason: 'BUDGET_EXCEEDED' }, '--budget-tokens'],
    [{ status: RunStatus.RUN_STATUS_DEADLINE }, '--deadline'],
    [
      { status: RunStatus.RUN_STATUS_UNSOLVED, stopReason: StopReason.STOP_REASON_MAX_ROUNDS },
      '--max-rounds',
    ],
    [{ status: RunStatus.RUN_STATUS_UNSOLVED, stopReason: StopReason.STOP_REASON_EXHAUSTED }, '--seed'],
    [
      {
        status: RunStatus.RUN_STATUS_SOLVED,
        feedbackSource: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
        answer: 'x',
      },
      'docs/solving.md',
    ],
  ])('advises after %j', (fields, advice) => {
    expect(
      lines(fields)
        .filter((line) => line.startsWith('  Next: '))
        .join(),
    ).toContain(advice);
  });

  it('does not offer rounds, or a place, to a run that has neither', () => {
    const unsolved = { status: RunStatus.RUN_STATUS_UNSOLVED, stopReason: StopReason.STOP_REASON_MAX_ROUNDS };
    expect(lines(unsolved, '').join('\n')).not.toMatch(/Next|kept/);
  });
});

describe('answerTitle', () => {
  it('marks an answer that is not known to be right', () => {
    const of = (status: RunStatus, answer = 'x'): string =>
      answerTitle({ ...RunResult.fromPartial({}), status, answer });
    expect(of(RunStatus.RUN_STATUS_SOLVED)).toBe('');
    expect(of(RunStatus.RUN_STATUS_UNSOLVED)).toBe('the best answer by then:');
    expect(of(RunStatus.RUN_STATUS_UNSOLVED, '')).toBe('');
  });
});
