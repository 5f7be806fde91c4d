import { describe, expect, it } from 'vitest';
import { programmer } from './programmer.js';
import { fakeContext, lastMessage } from './testing/fake-context.js';

const fenced = (code: string): string => `\`\`\`python\n${code}\n\`\`\``;
const GOOD = 'def solve():\n    return 42';

describe('programmer', () => {
  it('gives the code and what it returns', async () => {
    const context = fakeContext({
      arguments: { problem: '6 * 7?', analysis: 'Multiply.' },
      answers: [fenced(`${GOOD}\n\nprint(solve())`)],
      execute: () => '42\n',
    });
    expect(await programmer.standard(context)).toEqual({ code: `${GOOD}\n`, output: '42' });
    expect(context.executed[0]?.startsWith(GOOD)).toBe(true);
    expect(context.executed[0]).toContain('_result = solve()');
    expect(lastMessage(context.asked[0]?.prompt)).toMatch(/6 \* 7\?[\s\S]*Multiply\./);
  });

  it('tells the model about an error and tries again', async () => {
    const context = fakeContext({
      arguments: { problem: 'p' },
      answers: [fenced('def solve():\n    return 1 / 0'), 'no code at all', fenced(GOOD)],
      execute: (code) => (code.includes('/ 0') ? new Error('ZeroDivisionError: division by zero') : '42'),
    });
    expect(await programmer.standard(context)).toEqual({ code: `${GOOD}\n`, output: '42' });
    expect(lastMessage(context.asked[1]?.prompt)).toMatch(/return 1 \/ 0[\s\S]*ZeroDivisionError/);
    expect(lastMessage(context.asked[2]?.prompt)).toContain('there is no function `solve`');
    expect(context.asked.map(({ prompt }) => prompt.temperature)).toEqual([0, 0.7, 0.7]);
    expect(context.executed).toHaveLength(2);
  });

  it('gives the error after three programs that fail', async () => {
    const context = fakeContext({
      arguments: { problem: 'p' },
      answers: Array.from({ length: 3 }, () => fenced(GOOD)),
      execute: () => new Error('boom'),
    });
    expect(await programmer.standard(context)).toEqual({ code: `${GOOD}\n`, output: 'Error: boom' });
  });
});
