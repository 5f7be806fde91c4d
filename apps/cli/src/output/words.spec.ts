import { FeedbackSource, RunResult, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import { Usage } from '@flowreasoner/contracts/workflow';
import { describe, expect, it } from 'vitest';
import {
  failureWords,
  oneLine,
  seconds,
  statusWords,
  usageFacts,
  foundWords,
  waitingWords,
} from './words.js';

describe('seconds', () => {
  it.each([
    [0, '0.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [119_700, '2 min 0 s'],
    [125_000, '2 min 5 s'],
  ])('of %d ms is %s', (ms, words) => expect(seconds(ms)).toBe(words));
});

describe('usageFacts', () => {
  it('tells no price from an unknown one', () => {
    const usage = Usage.fromPartial({ modelCalls: 1, promptTokens: 1000, completionTokens: 234 });
    expect(usageFacts({ ...usage, costUsd: 0 })).toEqual(['1 model call', '1,234 tokens', '$0']);
    expect(usageFacts({ ...usage, costUsd: 0.01 }).at(-1)).toBe('$0.0100');
    expect(usageFacts(usage).at(-1)).toBe('price unknown');
  });
});

describe('statusWords', () => {
  const result = (fields: Partial<RunResult>): string =>
    statusWords({ ...RunResult.fromPartial({}), ...fields });

  it('calls solved only what visible checks have passed', () => {
    const status = RunStatus.RUN_STATUS_SOLVED;
    expect(result({ status, visible: { passed: 1, total: 1 } })).toBe('solved');
    expect(result({ status, feedbackSource: FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS })).toBe('finished');
    expect(result({ status, feedbackSource: FeedbackSource.FEEDBACK_SOURCE_EXECUTION })).toBe(
      'finished; nothing could check the answer',
    );
  });

  it('says when the rounds are used up', () => {
    expect(
      result({ status: RunStatus.RUN_STATUS_UNSOLVED, stopReason: StopReason.STOP_REASON_MAX_ROUNDS }),
    ).toBe('not solved: no rounds left');
  });
});

describe('failureWords', () => {
  const status = CaseStatus.CASE_STATUS_FAILED;

  it('names the type of an error once', () => {
    expect(failureWords({ status, actual: '', errorType: 'NameError', message: 'NameError: s' })).toBe(
      '→ NameError: s',
    );
    expect(failureWords({ status, actual: '', errorType: 'NameError', message: 's' })).toBe('→ NameError: s');
  });

  it('shows what came instead', () => {
    expect(failureWords({ status, actual: '[1,\n2]', errorType: '', message: '' })).toBe('→ got [1, 2]');
  });
});

describe('oneLine', () => {
  it('is one line, without escapes, and not endless', () => {
    expect(oneLine('a\n\u001b[2Jb')).toBe('a \\x1b[2Jb');
    expect(oneLine('x'.repeat(500))).toHaveLength(100);
  });
});

describe('waitingWords', () => {
  it('names what is still awaited', () => {
    expect(waitingWords(['sandbox', 'store', 'model'])).toBe(
      'starting the services: sandbox, store of runs, local model',
    );
    expect(waitingWords(['store'])).toBe('starting the services: store of runs');
    expect(waitingWords([])).toBe('starting the services');
  });
});

describe('foundWords', () => {
  it('says whether a model or nothing stands behind the answer', () => {
    expect(foundWords(FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT, false)).toBe('a model judges it wrong');
    expect(foundWords(FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS, true)).toBe(
      'passes the tests that a model wrote',
    );
    expect(foundWords(FeedbackSource.FEEDBACK_SOURCE_EXECUTION, true)).toBe(
      'answered; nothing could check it',
    );
  });
});
