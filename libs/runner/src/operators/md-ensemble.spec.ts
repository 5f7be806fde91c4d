import { describe, expect, it } from 'vitest';
import { mdEnsemble } from './md-ensemble.js';
import type { Prompt } from './operator.js';
import { fakeContext, lastMessage, TWO_CHECKS, type FakeCall } from './testing/fake-context.js';

const letter = (value: string): string => `<solution_letter>${value}</solution_letter>`;
/** Votes for a solution under whatever letter it is shown. */
const voteFor =
  (solution: string) =>
  (prompt: Prompt): string =>
    letter(new RegExp(`([A-Z]):\\n${solution}\\b`).exec(lastMessage(prompt))?.[1] ?? '?');

const context = (solutions: readonly string[], more: FakeCall) =>
  fakeContext({ ...more, arguments: { solutions, problem: 'p' } });

describe('md_ensemble', () => {
  it('counts votes on solutions that are shuffled for each', async () => {
    const votes = ['green', 'red', 'green', 'blue', 'green'];
    const asked = context(['red', 'green', 'blue'], { answers: votes.map(voteFor) });
    expect(await mdEnsemble.standard(asked)).toEqual({ solution: 'green' });
    const shown = new Set(asked.asked.map(({ prompt }) => lastMessage(prompt)));
    expect(asked.asked).toHaveLength(5);
    expect(shown.size).toBeGreaterThan(1);
  });

  it('leaves votes out that name no solution', async () => {
    const asked = context(['red', 'green'], {
      answers: [letter('Z'), 'hm', letter(''), letter('??'), voteFor('green')],
    });
    expect(await mdEnsemble.standard(asked)).toEqual({ solution: 'green' });
  });

  it('shows equal solutions once and takes the more frequent one where votes are equal', async () => {
    const asked = context(['red', 'green', 'Green.'], { answers: Array.from({ length: 5 }, () => 'hm') });
    expect(await mdEnsemble.standard(asked)).toEqual({ solution: 'green' });
    expect(lastMessage(asked.asked[0]?.prompt)).not.toContain('C:');
  });

  it('asks for as many votes as its constructor says', async () => {
    const asked = context(['red', 'green'], {
      constructorArguments: { vote_count: 2 },
      answers: [voteFor('red'), voteFor('red')],
    });
    expect(await mdEnsemble.standard(asked)).toEqual({ solution: 'red' });
    for (const vote_count of [0, 26]) {
      const refused = context(['red', 'green'], { constructorArguments: { vote_count } });
      await expect(mdEnsemble.standard(refused)).rejects.toMatchObject({ type: 'ValueError' });
    }
  });

  it('votes on the programs that pass most checks only', async () => {
    const program = (value: string): string => `def f(x):\n    return ${value}\n`;
    const asked = context([program('0'), program('x')], {
      task: { entryPoint: 'f', visibleChecks: TWO_CHECKS },
      grade: (code) => (code.includes('return x') ? ['ok', '2'] : ['0', '0']),
    });
    expect(await mdEnsemble.standard(asked)).toEqual({ solution: program('x') });
    expect(asked.asked).toEqual([]);
  });
});

describe('md_ensemble in compatible mode', () => {
  it('shows all solutions, and the earliest of those with most votes wins', async () => {
    const votes = ['blue', 'red', 'red', 'blue', 'green'];
    const asked = context(['red', 'green', 'blue', 'blue'], { answers: votes.map(voteFor) });
    expect(await mdEnsemble.compatible?.(asked)).toEqual({ solution: 'blue' });
    expect(lastMessage(asked.asked[0]?.prompt)).toContain('D:');
  });

  it('takes a missing letter for A', async () => {
    const asked = context(['same', 'same'], { answers: Array.from({ length: 5 }, () => 'hm') });
    expect(await mdEnsemble.compatible?.(asked)).toEqual({ solution: 'same' });
  });

  it('fails with an IndexError when no vote counts', async () => {
    const asked = context(['red', 'green'], { answers: Array.from({ length: 5 }, () => letter('Z')) });
    await expect(mdEnsemble.compatible?.(asked)).rejects.toMatchObject({ type: 'IndexError' });
  });
});
