import { describe, expect, it } from 'vitest';
import { scEnsemble } from './sc-ensemble.js';
import { fakeContext, lastMessage, TWO_CHECKS, type FakeCall } from './testing/fake-context.js';

const program = (value: string): string => `def f(x):\n    return ${value}\n`;
const letter = (value: string): string => `<thought>t</thought>\n<solution_letter>${value}</solution_letter>`;
const codeTask = { problem: 'Square x.', entryPoint: 'f', visibleChecks: TWO_CHECKS };

const respond = async (solutions: readonly string[], more: FakeCall = {}) => {
  const context = fakeContext({
    ...more,
    arguments: { solutions, problem: 'The problem.', ...more.arguments },
  });
  return { context, response: (await scEnsemble.standard(context))['response'] };
};

describe('sc_ensemble on programs', () => {
  it('takes the program that passes most visible checks without a model', async () => {
    const { response, context } = await respond([program('x'), program('x'), program('x * x')], {
      task: codeTask,
      grade: (code) => (code.includes('x * x') ? ['ok', 'ok'] : ['ok', '2']),
    });
    expect(response).toBe(program('x * x'));
    expect(context.graded).toHaveLength(2);
    expect(context.executed).toEqual([]);
  });

  it('takes the largest group that behaves alike among programs that pass as many', async () => {
    const solutions = [program('0'), program('x'), program('x + 0'), program('-1')];
    const actual: Record<string, string> = { '0': '0', x: '7', 'x + 0': '7', '-1': '-1' };
    for (const seed of [1, 2, 3, 4, 5]) {
      const { response } = await respond(solutions, {
        task: codeTask,
        seed,
        grade: (code) => ['ok', actual[code.slice(code.indexOf('return ') + 7).trim()] ?? ''],
        execute: () => 'same',
      });
      expect(response).toBe(program('x'));
    }
  });

  it('tells programs apart that agree on the checks by inputs derived from them', async () => {
    const { response, context } = await respond([program('9'), program('x'), program('1 * x')], {
      task: codeTask,
      grade: () => ['ok', 'ok'],
      execute: (code) => (code.includes('return 9') ? '9\n' : '2\n'),
    });
    expect(response).toBe(program('x'));
    expect(context.executed[0]).toContain('lambda: f(1 + 1),');
  });

  it('lets chance decide between equals, the same for the same seed', async () => {
    const solutions = ['1', '2', '3'].map(program);
    const pick = async (seed: number) =>
      (
        await respond(solutions, {
          task: codeTask,
          seed,
          grade: (code) => ['ok', code],
          execute: (code) => code,
        })
      ).response;
    const picks = await Promise.all(Array.from({ length: 20 }, (_, seed) => pick(seed)));
    expect(new Set(picks).size).toBeGreaterThan(1);
    expect(await pick(7)).toBe(picks[7]);
  });

  it('runs examples of the problem where there are no checks', async () => {
    const { response, context } = await respond([program('0'), program('x * x'), program('x ** 2')], {
      task: { entryPoint: 'f' },
      arguments: { problem: 'Square x.\n>>> f(3)\n9' },
      execute: (code) => (code.includes('return 0') ? '0' : '9'),
    });
    expect(response).toBe(program('x * x'));
    expect(context.executed[0]).toContain('lambda: f(3),');
  });

  it('counts equal code where there is nothing to run', async () => {
    const { response, context } = await respond(
      [program('0'), program('x'), `\`\`\`\n${program('x')}\`\`\``],
      {
        task: { entryPoint: 'f' },
      },
    );
    expect(response).toBe(program('x'));
    expect(context.asked).toEqual([]);
  });

  it('counts programs that failed to run as alike only when they failed alike', async () => {
    const { response } = await respond([program('0'), program('x'), program('y')], {
      task: { entryPoint: 'f' },
      arguments: { problem: 'f(3)' },
      execute: (code) => (code.includes('return 0') ? '0' : new Error('NameError')),
    });
    expect([program('x')]).toContain(response);
  });
});

describe('sc_ensemble on answers', () => {
  it('counts equal answers without a model', async () => {
    const { response, context } = await respond(['7', 'The answer is 42.', '42.0']);
    expect(response).toBe('The answer is 42.');
    expect(context.asked).toEqual([]);
  });

  it('lets a model pick from a shuffled list where no two agree', async () => {
    for (const seed of [1, 2, 3]) {
      const { response, context } = await respond(['red', 'green', 'blue'], {
        seed,
        answers: [(prompt) => letter(/([A-C]):\ngreen/.exec(lastMessage(prompt))?.[1] ?? '')],
      });
      expect(response).toBe('green');
      expect(context.asked).toHaveLength(1);
    }
  });

  it.each(['Z', '', 'I like them all'])('takes the first where the model names %j', async (given) => {
    expect((await respond(['red', 'green'], { answers: [letter(given)] })).response).toBe('red');
  });

  it('gives the only solution back', async () => {
    expect((await respond(['red'])).response).toBe('red');
  });
});

describe('sc_ensemble in compatible mode', () => {
  const compatible = (solutions: readonly string[], answer: string) => {
    const context = fakeContext({ arguments: { solutions, problem: 'p' }, answers: [answer] });
    return { context, result: scEnsemble.compatible?.(context) };
  };

  it('asks once in the order given, whatever agrees', async () => {
    const { context, result } = compatible(['1', '1', '2'], letter(' c '));
    expect(await result).toEqual({ response: '2' });
    expect(lastMessage(context.asked[0]?.prompt)).toContain('A:\n1\n\nB:\n1\n\nC:\n2');
  });

  it.each([letter('D'), letter('Solution A'), 'A'])('fails with a KeyError on %j', async (answer) => {
    await expect(compatible(['1', '2'], answer).result).rejects.toMatchObject({ type: 'KeyError' });
  });
});
