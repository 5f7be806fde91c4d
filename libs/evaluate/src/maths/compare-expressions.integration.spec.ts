import { afterAll, describe, expect, it } from 'vitest';
import { createExpressionComparer } from './compare-expressions.js';
import { judgeMath } from './judge-math.js';

const timeoutMs = 700;
const comparer = createExpressionComparer({ timeoutMs });
afterAll(() => comparer.close());

describe('hostile answers', () => {
  it.each(['9^{9^{9^{9}}}', '1000000000!', '\\sum_{n=1}^{10^{12}} \\frac{1}{n^{3}}'])(
    '%s ends within its time, counts as wrong, and the next comparison works',
    async (hostile) => {
      expect(await comparer.compare('x+y', 'y+x')).toBe(true);
      const startedAt = performance.now();
      expect(await comparer.compare(hostile, '\\sqrt{2}')).not.toBe(true);
      expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 5_000);
      expect(await comparer.compare('x+y', 'y+x')).toBe(true);
    },
  );

  it.each([
    '('.repeat(100_000),
    '\\frac{'.repeat(20_000),
    '{'.repeat(500),
    `\\boxed{${'['.repeat(1_000)}}`,
    '1,'.repeat(900),
    ' '.repeat(200_000),
    'a '.repeat(100_000),
    '1'.repeat(250_000),
    `${'$1$ '.repeat(50_000)}`,
    '\\text{'.repeat(20_000),
    'answer is '.repeat(20_000),
    `${'\\('.repeat(120_000)}}`,
    `${'\\['.repeat(120_000)}x`,
    `${'.'.repeat(250_000)}x`,
    '\\boxed'.repeat(20_000),
  ])('%.12s… is refused in time', async (answer) => {
    const startedAt = performance.now();
    expect(await judgeMath({ accepted: ['2'] }, answer, comparer.compare)).toMatchObject({ passed: false });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('takes the time of one comparison for an answer of many hard parts', async () => {
    const hard = Array.from({ length: 30 }, (_, index) => `9^{9^{9^{${index + 5}}}}`).join(', ');
    const expected = Array.from({ length: 30 }, (_, index) => `\\sqrt{${index + 2}}`).join(', ');
    const startedAt = performance.now();
    const verdict = await judgeMath({ accepted: [expected, expected] }, hard, comparer.compare);
    expect(verdict.passed).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 5_000);
  });

  it('gives up when it is told to', async () => {
    const stop = new AbortController();
    const comparing = comparer.compare('9^{9^{9^{9}}}', '\\sqrt{2}', stop.signal);
    stop.abort();
    expect(await comparing).toBeUndefined();
  });

  it('answers what waits when it is closed', async () => {
    const other = createExpressionComparer();
    const waiting = [other.compare('9^{9^{9^{9}}}', 'x'), other.compare('x', 'x')];
    await other.close();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });
});
