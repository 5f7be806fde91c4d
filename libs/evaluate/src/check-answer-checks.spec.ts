import { type AnswerChecks, type TextMeasure } from '@flowreasoner/contracts/evaluate';
import { describe, expect, it } from 'vitest';
import { answerCheckProblems } from './check-answer-checks.js';

const known = new Set(['lab']);

function problemsOf(rule: AnswerChecks['rule']): string[] {
  return answerCheckProblems({ rule }, known).map(({ field, description }) => `${field} ${description}`);
}

function math(...accepted: string[]): string[] {
  return problemsOf({ $case: 'math', value: { accepted } });
}

describe('answerCheckProblems', () => {
  it('accepts what is within the limits', () => {
    expect(math('1', 'x'.repeat(1_000))).toEqual([]);
    const text = { accepted: ['a'], measure: 2, passScore: 0.5 };
    expect(problemsOf({ $case: 'text', value: text })).toEqual([]);
    expect(problemsOf({ $case: 'remote', value: { grader: 'lab', data: Buffer.alloc(65_536) } })).toEqual([]);
  });

  it('names what is wrong', () => {
    expect(problemsOf(undefined)).toEqual([' must hold a rule: math, text or remote']);
    expect(math()).toEqual(['math.accepted must have 1 to 16 answers, and has 0']);
    expect(math(...Array<string>(17).fill('1'))).toEqual([
      'math.accepted must have 1 to 16 answers, and has 17',
    ]);
    expect(math('1', ' ')).toEqual(['math.accepted[1] must not be empty']);
    expect(math('x'.repeat(1_001))).toEqual(['math.accepted[0] must be at most 1000 bytes, and is 1001']);
    expect(
      problemsOf({ $case: 'text', value: { accepted: ['a'], measure: 99 as TextMeasure, passScore: NaN } }),
    ).toEqual(['text.measure must be a known measure', 'text.pass_score must be between 0 and 1']);
    expect(problemsOf({ $case: 'remote', value: { grader: 'x', data: Buffer.alloc(65_537) } })).toEqual([
      'remote.grader must name a configured grader; known are lab',
      'remote.data must be at most 65536 bytes, and is 65537',
    ]);
  });
});
