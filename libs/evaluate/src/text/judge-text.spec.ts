import { TextMeasure } from '@flowreasoner/contracts/evaluate';
import { describe, expect, it } from 'vitest';
import { judgeText } from './judge-text.js';

const { TEXT_MEASURE_EXACT, TEXT_MEASURE_F1, TEXT_MEASURE_DROP } = TextMeasure;

function score(measure: TextMeasure, accepted: string | string[], given: string): number {
  return judgeText({ accepted: [accepted].flat(), measure, passScore: 0 }, given).score;
}

describe('exact match', () => {
  it.each([
    ['Gesellschaft mit beschränkter Haftung', 'gesellschaft  mit beschränkter Haftung.'],
    ['The Beatles', 'Beatles'],
    ['yes', 'Yes!'],
    ['Paris', 'It is in France.\n\nAnswer: Paris'],
    ['Paris', 'The capital lies on the Seine.\nParis'],
    ['Paris', '**Answer:** **Paris**'],
    ['twenty-one', 'twenty one'],
    ['Jean-Luc Picard', 'jean–luc picard'],
  ])('%j is %j', (expected, given) => {
    expect(score(TEXT_MEASURE_EXACT, expected, given)).toBe(1);
  });

  it.each([
    ['Paris', 'London'],
    ['Paris', 'Paris, France'],
    ['Paris', ''],
    ['yes', 'no'],
    ['1990', '1991'],
    ['Paris', 'Paris\nLondon'],
  ])('%j is not %j', (expected, given) => {
    expect(score(TEXT_MEASURE_EXACT, expected, given)).toBe(0);
  });

  it('takes the best of several, and never tells what was expected', () => {
    const checks = { accepted: ['NYC', 'New York City'], measure: TEXT_MEASURE_EXACT, passScore: 0 };
    expect(judgeText(checks, 'New York city')).toMatchObject({ passed: true });
    const wrong = judgeText(checks, 'Boston');
    expect(wrong.feedback).toBe('The answer "Boston" is not what was asked for.');
  });
});

describe('F1', () => {
  it('counts shared words', () => {
    expect(score(TEXT_MEASURE_F1, 'Barack Hussein Obama', 'Barack Obama')).toBeCloseTo(0.8);
    expect(score(TEXT_MEASURE_F1, 'the cat', 'a cat')).toBe(1);
    expect(score(TEXT_MEASURE_F1, 'cat', 'dog')).toBe(0);
    expect(score(TEXT_MEASURE_F1, 'a b c d b', 'b b b')).toBeCloseTo((2 * 2) / (4 + 3));
  });

  it('passes from a score on, when one is given', () => {
    const checks = { accepted: ['Barack Hussein Obama'], measure: TEXT_MEASURE_F1, passScore: 0.75 };
    expect(judgeText(checks, 'Barack Obama')).toMatchObject({ passed: true });
    expect(judgeText({ ...checks, passScore: 0 }, 'Barack Obama')).toMatchObject({ passed: false });
  });
});

describe('DROP', () => {
  it.each([
    ['1,500', '1500', 1],
    ['12.0', '12', 1],
    ['3 years', '4 years', 0],
    ['$5 million', '5 million', 1],
    ['Tom Brady; Peyton Manning', 'Peyton Manning; Tom Brady', 1],
    ['Tom Brady; Peyton Manning', 'Tom Brady', 0.5],
    ['Tom Brady', 'Tom Brady; Peyton Manning', 0.5],
    ['35%', '35 %', 1],
    ['the 49ers', '49ers', 1],
    ['field-goal', 'field goal', 1],
  ])('%j and %j score %d', (expected, given, wanted) => {
    expect(score(TEXT_MEASURE_DROP, expected, given)).toBeCloseTo(wanted);
  });
});
