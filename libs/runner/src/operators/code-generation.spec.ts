import { describe, expect, it } from 'vitest';
import { customCodeGenerate } from './custom-code-generate.js';
import { multiGenerate } from './multi-generate.js';
import { fakeContext, lastMessage } from './testing/fake-context.js';

const STUB = 'import math\n\n\ndef f(x: int) -> int:\n    """Squares x.\n    >>> f(2)\n    4\n    """\n';
/** What stands before the docstring. */
const SIGNATURE = 'import math\n\n\ndef f(x: int) -> int:';
const WORDS = 'Write a function that squares a number.';

describe('custom_code_generate', () => {
  it('lets a model go on with a function stub', async () => {
    const context = fakeContext({
      arguments: { problem: STUB, entry_point: 'f', instruction: '' },
      promptStyle: 'continue',
      answers: [' return x * x\n```\nThis squares x.'],
    });
    const { response } = await customCodeGenerate.standard(context);
    expect(response).toBe('import math\n\ndef f(x: int) -> int:\n    return x * x\n');
    const { messages, stop } = context.asked[0]?.prompt ?? {};
    expect(messages?.at(-1)).toEqual({ role: 'assistant', content: `\`\`\`python\n${SIGNATURE}\n   ` });
    expect(messages?.[0]?.content).toContain(STUB.trimEnd());
    expect(stop).toContain('\n```');
  });

  it("goes on with the task's stub where a workflow has added words", async () => {
    const context = fakeContext({
      arguments: {
        problem: `${STUB}\nAn earlier try was wrong.`,
        entry_point: 'f',
        instruction: 'Be careful.',
      },
      task: { problem: STUB, entryPoint: 'f' },
      promptStyle: 'continue',
      answers: [' return x * x'],
    });
    await customCodeGenerate.standard(context);
    const [user, assistant] = context.asked[0]?.prompt.messages ?? [];
    expect(user?.content).toBe(`Be careful.\n\n${STUB}\nAn earlier try was wrong.`);
    expect(assistant?.content).toBe(`\`\`\`python\n${SIGNATURE}\n   `);
  });

  it('begins the function for a problem in words', async () => {
    const context = fakeContext({
      arguments: { problem: WORDS, entry_point: 'f', instruction: '' },
      promptStyle: 'continue',
      answers: ['x):\n    return x * x\n'],
    });
    expect(await customCodeGenerate.standard(context)).toEqual({ response: 'def f(x):\n    return x * x\n' });
    expect(lastMessage(context.asked[0]?.prompt)).toBe('```python\ndef f(');
  });

  it('begins with the signature that stands in a problem in words', async () => {
    const context = fakeContext({
      arguments: { problem: `${WORDS}\n\ndef f(number):   `, entry_point: 'f', instruction: '' },
      promptStyle: 'continue',
      answers: [' return number ** 2'],
    });
    expect(await customCodeGenerate.standard(context)).toEqual({
      response: 'def f(number):\n    return number ** 2\n',
    });
    expect(lastMessage(context.asked[0]?.prompt)).toBe('```python\ndef f(number):\n   ');
  });

  it('asks a chat model for a code block and keeps the imports of the problem', async () => {
    const context = fakeContext({
      arguments: { problem: STUB, entry_point: 'f', instruction: 'Think first.' },
      answers: ['Sure.\n```python\ndef f(x):\n    return x * x\n\nprint(f(3))\n```'],
    });
    expect(await customCodeGenerate.standard(context)).toEqual({
      response: 'import math\n\ndef f(x):\n    return x * x\n',
    });
    const { messages, temperature } = context.asked[0]?.prompt ?? {};
    expect(messages).toHaveLength(1);
    expect(messages?.[0]?.content).toMatch(/^Think first\.\n\nimport math[\s\S]*code block that defines `f`/);
    expect(temperature).toBe(0);
  });
});

describe('multi_generate', () => {
  it('samples n programs of one prompt', async () => {
    const context = fakeContext({
      arguments: { problem: WORDS, entry_point: 'f', n: 2 },
      answers: ['```\ndef f(x):\n    return 1\n```', '```\ndef f(x):\n    return 2\n```'],
    });
    expect(await multiGenerate.standard(context)).toEqual({
      responses: ['def f(x):\n    return 1\n', 'def f(x):\n    return 2\n'],
    });
    expect(context.asked.map(({ prompt }) => prompt.temperature)).toEqual([0.7, 0.7]);
    expect(context.asked[0]?.prompt).toEqual(context.asked[1]?.prompt);
  });

  it.each([
    [0, 'ValueError'],
    [33, 'ValueError'],
    ['3', 'TypeError'],
  ])('refuses n = %j', async (n, type) => {
    const context = fakeContext({ arguments: { problem: WORDS, n } });
    await expect(multiGenerate.standard(context)).rejects.toMatchObject({ type });
  });
});
