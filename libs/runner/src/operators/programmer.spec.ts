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

  it('gives what is printed where nothing is returned', async () => {
    const printing = fenced('def solve():\n    print(42)');
    const of = async (mode: 'standard' | 'compatible') => {
      const context = fakeContext({
        arguments: { problem: 'p' },
        answers: [printing],
        execute: (code) => (code.includes('_printed.getvalue() if') ? '42' : 'None'),
      });
      return (await programmer[mode]?.(context))?.['output'];
    };
    expect([await of('standard'), await of('compatible')]).toEqual(['42', 'None']);
  });

  it('says no more than the error in compatible mode', async () => {
    const context = fakeContext({
      arguments: { problem: 'p' },
      answers: Array.from({ length: 3 }, () => fenced(GOOD)),
      execute: () => new Error('boom'),
    });
    expect(await programmer.compatible?.(context)).toEqual({ code: `${GOOD}\n`, output: 'boom' });
  });

  it('runs no program with an import that AFlow refuses in compatible mode', async () => {
    const answers = ['import sys', 'import osmosis', ''].map((line) => fenced(`${line}\n\n${GOOD}`));
    const context = fakeContext({ arguments: { problem: 'p' }, answers, execute: () => '42' });
    // What solve() does not use is left out of the program, so that the import stands inside it.
    const inside = answers.map((_, i) =>
      fenced(`def solve():\n    ${['import sys', 'from osmosis import x', 'pass'][i]}\n    return 42`),
    );
    const compatible = fakeContext({ arguments: { problem: 'p' }, answers: inside, execute: () => '42' });
    expect(await programmer.compatible?.(compatible)).toMatchObject({ output: '42' });
    expect(compatible.executed).toHaveLength(1);
    expect(lastMessage(compatible.asked[1]?.prompt)).toContain('the import of sys is not allowed');
    expect(lastMessage(compatible.asked[2]?.prompt)).toContain('the import of os is not allowed');
    expect(await programmer.standard(context)).toMatchObject({ output: '42' });
    expect(context.executed).toHaveLength(1);
  });

  it('ends at an answer without code in compatible mode', async () => {
    const context = fakeContext({ arguments: { problem: 'p' }, answers: [' '] });
    expect(await programmer.compatible?.(context)).toEqual({ code: '', output: 'No code generated' });
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
