import { CaseStatus, VerdictStatus, type Suite, type Verdict } from '@flowreasoner/contracts/sandbox';
import { OperatorError, type OperatorArgument } from '@flowreasoner/workflow';
import { OPERATORS } from '@flowreasoner/workflow';
import { describe, expect, it } from 'vitest';
import { verdict } from '../testing/run-harness.js';
import type { OperatorContext, OperatorResult, ProgramRun, Prompt } from './operator.js';
import { OPERATOR_IMPLEMENTATIONS } from './registry.js';

const suite: Suite = {
  suite: { $case: 'function', value: { entryPoint: 'f', testCode: '', asserts: ['assert f(1) == 2'] } },
  integrity: 0,
  hidden: false,
};

const passing = verdict({ status: VerdictStatus.VERDICT_STATUS_PASSED, passed: 1, total: 1, passRate: 1 });
const failing = (actual: string): Verdict =>
  verdict({
    status: VerdictStatus.VERDICT_STATUS_FAILED,
    total: 1,
    cases: [
      {
        index: 0,
        status: CaseStatus.CASE_STATUS_FAILED,
        source: 'assert f(1) == 2',
        expected: '2',
        actual,
        errorType: '',
        message: '',
        wallMs: 1,
      },
    ],
  });

type Given = string | number | readonly string[];

function argument(value: Given): OperatorArgument {
  if (typeof value === 'string') return { text: value, type: 'str', value, items: undefined };
  if (typeof value === 'number') {
    return { text: String(value), type: 'int', value: BigInt(value), items: undefined };
  }
  return { text: String(value), type: 'list', value: undefined, items: value.map(argument) };
}

interface Scene {
  readonly args: Record<string, Given>;
  readonly constructorArgs?: Record<string, Given>;
  /** Answers in the order of the requests; the last one repeats. */
  readonly answers?: readonly string[];
  /** What a program does on the visible checks; absent for a task without checks. */
  readonly grade?: (program: string) => Verdict;
  readonly runs?: readonly ProgramRun[];
  readonly entryPoint?: string;
  readonly promptStyle?: 'chat' | 'continue';
  readonly random?: () => number;
  readonly isFirstTurn?: boolean;
}

interface Played {
  readonly result: OperatorResult;
  readonly prompts: readonly Prompt[];
  readonly programs: readonly string[];
}

/** Performs an operator with models and sandbox as the scene says. */
async function play(name: string, mode: 'standard' | 'compatible', scene: Scene): Promise<Played> {
  const prompts: Prompt[] = [];
  const programs: string[] = [];
  const { answers = [], grade, runs = [] } = scene;
  const ask = (prompt: Prompt): string => {
    prompts.push(prompt);
    return answers[Math.min(prompts.length, answers.length) - 1] ?? '';
  };
  const map = (given: Record<string, Given>) =>
    new Map(Object.entries(given).map(([key, value]) => [key, argument(value)] as const));
  const context: OperatorContext = {
    arguments: map(scene.args),
    constructorArguments: map(scene.constructorArgs ?? {}),
    task: { problem: 'the task', entryPoint: scene.entryPoint ?? 'f', visibleChecks: grade && suite },
    promptStyle: scene.promptStyle ?? 'chat',
    isFirstTurn: scene.isFirstTurn ?? true,
    random: scene.random ?? (() => 0),
    ask: async (_, prompt) => ask(prompt),
    askMany: async (_, prompt, count) => Array.from({ length: count }, () => ask(prompt)),
    grade: async (_, program) => {
      programs.push(program);
      return grade?.(program) ?? passing;
    },
    execute: async (_, program) => {
      programs.push(program);
      const run = runs[programs.length - 1];
      if (run === undefined) throw new Error('the scene has no run left');
      return run;
    },
  };
  const operator = OPERATOR_IMPLEMENTATIONS.get(name);
  if (operator === undefined) throw new Error(`there is no operator ${name}`);
  const run = mode === 'compatible' ? (operator.compatible ?? operator.standard) : operator.standard;
  return { result: await run(context), prompts, programs };
}

const code = (body: string): string => `def f(x):\n    return ${body}\n`;
const fenced = (text: string): string => `\`\`\`python\n${text}\`\`\``;

describe('the registry', () => {
  it('implements exactly the catalogue', () => {
    expect([...OPERATOR_IMPLEMENTATIONS.keys()].sort()).toEqual([...OPERATORS.keys()].sort());
  });
});

describe('custom', () => {
  it('asks with the instruction before the input', async () => {
    const { result, prompts } = await play('custom', 'standard', {
      args: { input: 'in', instruction: 'do ' },
      answers: ['done'],
    });
    expect(result).toEqual({ response: 'done' });
    expect(prompts[0]?.messages).toEqual([{ role: 'user', content: 'do in' }]);
    expect(prompts[0]?.temperature).toBe(0);
  });

  it('samples in later turns of a loop', async () => {
    const { prompts } = await play('custom', 'standard', { args: { input: 'in' }, isFirstTurn: false });
    expect(prompts[0]?.temperature).toBeGreaterThan(0);
  });
});

describe('custom_code_generate', () => {
  it('keeps the code of an answer', async () => {
    const { result } = await play('custom_code_generate', 'standard', {
      args: { problem: 'p', entry_point: 'f' },
      answers: [`Sure:\n${fenced(`${code('x')}print(f(1))\n`)}`],
    });
    expect(result).toEqual({ response: code('x') });
  });

  it('begins the answer with a function stub for models that go on with it', async () => {
    const problem = 'def f(x):\n    """Add one."""\n';
    const { result, prompts } = await play('custom_code_generate', 'standard', {
      args: { problem, entry_point: 'f' },
      answers: [' return x + 1\n'],
      promptStyle: 'continue',
    });
    expect(prompts[0]?.messages.at(-1)).toEqual({
      role: 'assistant',
      content: '```python\ndef f(x):\n    """Add one."""\n   ',
    });
    expect(prompts[0]?.stop).toContain('\n```');
    expect(result).toEqual({ response: 'def f(x):\n    """Add one."""\n    return x + 1\n' });
  });
});

describe('multi_generate', () => {
  it('draws one greedy and the others sampled answers', async () => {
    const { result, prompts } = await play('multi_generate', 'standard', {
      args: { problem: 'p', entry_point: 'f', n: 3 },
      answers: ['1', '2', '3'].map((body) => fenced(code(body))),
    });
    expect(result['responses']).toEqual(['1', '2', '3'].map(code));
    expect(prompts.map(({ temperature }) => temperature > 0)).toEqual([false, true, true]);
  });

  it('refuses more than it can draw', async () => {
    await expect(play('multi_generate', 'standard', { args: { problem: 'p', n: 1000 } })).rejects.toThrow(
      OperatorError,
    );
  });
});

describe('sc_ensemble', () => {
  const grade = (program: string): Verdict =>
    program.includes('x + 1') ? passing : failing(program.includes('x - 1') ? '0' : '7');

  it('lets code that passes win over more that does not', async () => {
    const solutions = [code('x - 1'), code('x - 1'), code('x + 1')];
    const { result, prompts } = await play('sc_ensemble', 'standard', { args: { solutions }, grade });
    expect(result).toEqual({ response: code('x + 1') });
    expect(prompts).toEqual([]);
  });

  it('counts programs that behave alike together', async () => {
    const solutions = [code('x - 1'), code('7'), code('6 + 1')];
    const { result } = await play('sc_ensemble', 'standard', { args: { solutions }, grade });
    expect(result).toEqual({ response: code('7') });
  });

  it('takes the majority of equal texts without asking', async () => {
    const { result, prompts } = await play('sc_ensemble', 'standard', {
      args: { solutions: ['42', 'about 41', ' 42 '] },
      entryPoint: '',
    });
    expect(result).toEqual({ response: '42' });
    expect(prompts).toEqual([]);
  });

  it('asks about equals in shuffled order, and maps the letter back', async () => {
    const { result, prompts } = await play('sc_ensemble', 'standard', {
      args: { solutions: ['one', 'two', 'three'] },
      entryPoint: '',
      answers: ['<thought>…</thought><solution_letter>A</solution_letter>'],
    });
    // A generator that gives 0 moves the first item to the end: two, three, one.
    expect(prompts[0]?.messages[0]?.content).toContain('A (given 1 time):\ntwo');
    expect(result).toEqual({ response: 'two' });
  });

  it('takes a bad letter for a failed vote', async () => {
    const { result } = await play('sc_ensemble', 'standard', {
      args: { solutions: ['one', 'two'] },
      entryPoint: '',
      answers: ['<solution_letter>Q</solution_letter>'],
    });
    expect(result).toEqual({ response: 'one' });
  });

  it('asks once and raises for a bad letter in compatible mode', async () => {
    const scene = { args: { solutions: ['x', 'x'] }, answers: ['<solution_letter>Q</solution_letter>'] };
    await expect(play('sc_ensemble', 'compatible', scene)).rejects.toMatchObject({ type: 'KeyError' });
  });

  it.each([[[]], ['text']])('refuses %j', async (solutions) => {
    await expect(play('sc_ensemble', 'standard', { args: { solutions } })).rejects.toThrow(OperatorError);
  });
});

describe('md_ensemble', () => {
  it('votes as often as its constructor says', async () => {
    const { result, prompts } = await play('md_ensemble', 'compatible', {
      args: { solutions: ['one', 'two'], problem: 'p' },
      constructorArgs: { vote_count: 3 },
      answers: [
        '<solution_letter>B</solution_letter>',
        '<solution_letter>?</solution_letter>',
        '<solution_letter>B</solution_letter>',
      ],
    });
    expect(prompts).toHaveLength(3);
    // Shuffled to two, one: B is "one".
    expect(result).toEqual({ solution: 'one' });
  });
});

describe('test', () => {
  const grade = (program: string): Verdict => (program.includes('x + 1') ? passing : failing('0'));
  const args = { problem: 'p', solution: code('x - 1'), entry_point: 'f' };

  it('lets the model repair from the failing case', async () => {
    const { result, prompts } = await play('test', 'standard', {
      args,
      grade,
      answers: [fenced(code('x + 1'))],
    });
    expect(result).toEqual({ result: true, solution: code('x + 1') });
    expect(prompts[0]?.messages[0]?.content).toContain('assert f(1) == 2\n  gave 0, expected 2.');
  });

  it('gives up after test_loop repairs', async () => {
    const { result, prompts, programs } = await play('test', 'standard', {
      args: { ...args, test_loop: 2 },
      grade,
      answers: [fenced(code('x'))],
    });
    expect(result).toEqual({ result: false, solution: code('x') });
    expect([prompts.length, programs.length]).toEqual([2, 3]);
  });

  it('says None without visible checks, and neither True nor False', async () => {
    const { result } = await play('test', 'standard', { args });
    expect(result['result']).toBeNull();
  });

  it.each([
    ['add', true],
    ['f', false],
  ])('passes %s without a public test as AFlow does: %s', async (entryPoint, expected) => {
    const { result } = await play('test', 'compatible', { args: { ...args, entry_point: entryPoint } });
    expect(result['result']).toBe(expected);
  });
});

describe('the other operators', () => {
  it('answer_generate reads thought and answer', async () => {
    const { result } = await play('answer_generate', 'standard', {
      args: { input: 'q' },
      answers: ['<thought>so</thought>\n<answer>42</answer>'],
    });
    expect(result).toEqual({ thought: 'so', answer: '42' });
  });

  it.each([
    ['<review_result>True</review_result><feedback></feedback>', true],
    ['<review_result> **Yes** </review_result>', true],
    ['<review_result>False</review_result><feedback>wrong</feedback>', false],
    ['no fields', false],
  ])('review takes %j for %s', async (answer, expected) => {
    const { result } = await play('review', 'standard', {
      args: { problem: 'p', solution: 's' },
      answers: [answer],
    });
    expect(result['review_result']).toBe(expected);
  });

  it('revise keeps code code and text text', async () => {
    const asCode = await play('revise', 'standard', {
      args: { problem: 'p', solution: code('1'), feedback: 'no' },
      answers: [fenced(code('2'))],
    });
    expect(asCode.result).toEqual({ solution: code('2') });
    const asText = await play('revise', 'standard', {
      args: { problem: 'p', solution: 'seven', feedback: 'no' },
      answers: ['<solution>eight</solution>'],
    });
    expect(asText.result).toEqual({ solution: 'eight' });
  });

  it('format gives the bare answer', async () => {
    const { result } = await play('format', 'standard', {
      args: { problem: 'p', solution: 's' },
      answers: [' 42\n'],
    });
    expect(result).toEqual({ solution: '42' });
  });

  it('programmer runs the program and tries again with its error', async () => {
    const ran = (fields: Partial<ProgramRun>): ProgramRun => ({
      status: 1,
      exitCode: 0,
      stdout: '',
      stderr: '',
      ...fields,
    });
    const { result, prompts, programs } = await play('programmer', 'standard', {
      args: { problem: 'p' },
      answers: [fenced('def solve():\n    return 1 / 0\n'), fenced('def solve():\n    return 42\n')],
      runs: [ran({ exitCode: 1, stderr: 'ZeroDivisionError: division by zero' }), ran({ stdout: '42\n' })],
    });
    expect(result).toEqual({ code: 'def solve():\n    return 42\n', output: '42' });
    expect(programs[0]).toContain('print(solve())');
    expect(prompts[1]?.messages[0]?.content).toContain('ZeroDivisionError');
  });
});
