import { describe, expect, it } from 'vitest';
import { answerKey } from './answers.js';

describe('answerKey', () => {
  it.each([
    ['42', '42.0'],
    ['1000', '$1,000.00'],
    ['1/2', '0.5'],
    ['\\frac{1}{2}', '\\boxed{\\dfrac{1}{2}}'],
    ['42', 'So we get \\boxed{42}.'],
    ['\\text{Paris}', ' paris. '],
    ['42', 'Six times seven.\n#### 42'],
    ['42', '<thought>6 * 7</thought><answer>42</answer>'],
    ['42', 'Let me think.\nThe answer is: **42**.'],
    [
      '42',
      `${'We add all the numbers up and look at what comes out of it. '.repeat(3)}\nIn all there are 42 apples.`,
    ],
    ['-3', '-3.0'],
    ['0', '-0'],
    ['50%', '50 %'],
    ['The  Beatles', '"the beatles"'],
    ['\\boxed{\\left( 3, \\frac{\\pi}{2} \\right)}', '\\boxed{(3,\\frac{\\pi}{2})}'],
  ])('takes %j and %j for the same', (one, other) => {
    const squeezed = (key: string): string => key.replaceAll(' ', '');
    expect(squeezed(answerKey(one))).toBe(squeezed(answerKey(other)));
  });

  it.each([
    ['42', '43'],
    ['50', '50%'],
    ['yes', 'no'],
    ['123456789012345678901', '123456789012345678902'],
    ['1/3', '0.3'],
    ['x^2', 'x^3'],
  ])('tells %j from %j', (one, other) => {
    expect(answerKey(one)).not.toBe(answerKey(other));
  });

  it.each([
    ['.'.repeat(200_000) + 'a'],
    ['\\boxed{'.repeat(30_000)],
    ['answer '.repeat(30_000)],
    ['1,'.repeat(100_000)],
  ])('takes hostile text in bounded time', (text) => {
    const before = process.threadCpuUsage();
    answerKey(text);
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(1_000);
  });
});
