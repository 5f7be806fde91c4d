import { describe, expect, it } from 'vitest';
import { test as testOperator } from './test.js';
import { fakeContext, lastMessage, TWO_CHECKS, type FakeCall } from './testing/fake-context.js';

const program = (value: string): string => `def f(x):\n    return ${value}\n`;
const fenced = (value: string): string => `\`\`\`python\n${program(value)}\`\`\``;

/** x passes the first check, x * x both, anything else none. */
const grade = (code: string): readonly string[] =>
  code.includes('x * x') ? ['ok', 'ok'] : code.includes('return x') ? ['ok', '2'] : ['0', '0'];

const call = (solution: string, more: FakeCall = {}) =>
  fakeContext({
    task: { problem: 'Square x.', entryPoint: 'f', visibleChecks: TWO_CHECKS },
    grade,
    ...more,
    arguments: { problem: 'Square x.', solution, entry_point: 'f', ...more.arguments },
  });

describe('test', () => {
  it('passes a solution that passes all checks without a model', async () => {
    const context = call(fenced('x * x'));
    expect(await testOperator.standard(context)).toEqual({ result: true, solution: program('x * x') });
    expect(context.asked).toEqual([]);
  });

  it('tells the model what failed until it passes', async () => {
    const context = call(program('x'), { answers: [fenced('0'), fenced('x * x')] });
    expect(await testOperator.standard(context)).toEqual({ result: true, solution: program('x * x') });
    expect(lastMessage(context.asked[0]?.prompt)).toContain('assert case 1\n  gave 2, expected ok.');
    expect(lastMessage(context.asked[0]?.prompt)).not.toContain('assert case 0');
    expect(lastMessage(context.asked[1]?.prompt)).toContain(program('0').trim());
    expect(context.asked.map(({ prompt }) => prompt.temperature)).toEqual([0, 0.7]);
  });

  it('keeps the solution that passed most when none passes all', async () => {
    const context = call(program('x'), { arguments: { test_loop: 1 }, answers: [fenced('0')] });
    expect(await testOperator.standard(context)).toEqual({ result: false, solution: program('x') });
    expect(context.graded).toHaveLength(2);
  });

  it('samples again where the model goes on with an answer', async () => {
    const context = call(program('x'), { promptStyle: 'continue', answers: ['x):\n    return x * x'] });
    expect(await testOperator.standard(context)).toMatchObject({ result: true });
    const prompt = context.asked[0]?.prompt;
    expect(prompt?.temperature).toBe(0.7);
    expect(prompt?.messages[0]?.content).toContain('gave 2, expected ok');
    expect(prompt?.messages[0]?.content).not.toContain(program('x'));
  });

  it('does not repair with test_loop=0 and refuses other bounds', async () => {
    const context = call(program('x'), { arguments: { test_loop: 0 } });
    expect(await testOperator.standard(context)).toEqual({ result: false, solution: program('x') });
    for (const test_loop of [-1, 21]) {
      const refused = call(program('x'), { arguments: { test_loop } });
      await expect(testOperator.standard(refused)).rejects.toMatchObject({ type: 'ValueError' });
    }
  });

  it('is neither passed nor failed without visible checks', async () => {
    const context = call(fenced('x'), { task: { entryPoint: 'f' } });
    expect(await testOperator.standard(context)).toEqual({ result: null, solution: fenced('x') });
  });

  it("follows AFlow's list of names without visible checks in compatible mode", async () => {
    const of = async (entry_point: string) => {
      const context = call('code', { task: {}, arguments: { entry_point } });
      return (await testOperator.compatible?.(context))?.['result'];
    };
    // Of HumanEval and of MBPP, as they stand in AFlow's and MetaGPT's sources.
    const listed =
      'find_zero decode_cyclic decode_shift by_length add triangle_area correct_bracketing solve sum_squares ' +
      'starts_one_ends remove_odd replace_spaces snake_to_camel Split swap_List square_Sum sort_sublists unique_sublists';
    for (const name of listed.split(' ')) expect(await of(name), name).toBe(true);
    for (const name of ['split', 'f', 'adder'])
      await expect(of(name), name).rejects.toMatchObject({ type: 'TypeError' });
  });

  it('runs and gives a solution as it is in compatible mode', async () => {
    const context = call(fenced('x * x'), { answers: [fenced('x * x')] });
    expect(await testOperator.compatible?.(context)).toMatchObject({ result: true });
    expect(context.graded[0]).toBe(fenced('x * x'));
  });

  it('keeps the last solution in compatible mode', async () => {
    const context = call(program('x'), { arguments: { test_loop: 1 }, answers: [fenced('0')] });
    expect(await testOperator.compatible?.(context)).toEqual({ result: false, solution: program('0') });
  });
});
