import { describe, expect, it } from 'vitest';
import { MAX_SOURCE_BYTES, checkWorkflow, type CheckOptions } from './check-workflow.js';
import { readCorpus } from './testing/corpus.js';
import { mutate } from './testing/mutate.js';
import { seededRandom } from './testing/random.js';

const FULL = process.env['FLOW_FULL'] === '1';

function body(text: string): string {
  const lines = text.trim().split('\n');
  return `class W:\n    async def __call__(self, problem, entry_point):\n${lines.map((line) => `        ${line}\n`).join('')}`;
}

describe('static bounds', () => {
  const bounds = (text: string) => checkWorkflow(body(text)).bounds;

  it('count calls of loops, branches and operators with many requests', () => {
    const found = bounds(`
xs = []
for i in range(5):
    r = await self.custom(input=problem, instruction=str(i))
    xs.append(r["response"])
best = await self.sc_ensemble(solutions=xs)
if len(best["response"]) > 3:
    t = await self.test(problem=problem, solution=best["response"], entry_point=entry_point)
    return t["solution"]
return best["response"]`);
    expect(found?.least).toMatchObject({ operatorCalls: 6, modelCalls: 5, tokens: 0, criticalPath: 1 });
    expect(found?.greatest).toMatchObject({ operatorCalls: 7, modelCalls: 9, criticalPath: 5 });
  });

  it('follow a counter of a while loop and a list through a helper', () => {
    const found = checkWorkflow(`class W:
    async def ask(self, parts):
        out = []
        for part in parts:
            r = await self.custom(input=part)
            out.append(r["response"])
        return out
    async def __call__(self, problem):
        answers = await self.ask([problem, problem.lower()])
        n = 0
        while n < 2:
            n += 1
            r = await self.custom(input=answers[0])
            answers[0] = r["response"]
        return answers[0]
`).bounds;
    expect(found?.least.operatorCalls).toBe(4);
    expect(found?.greatest.operatorCalls).toBe(4);
  });

  it('are open where nothing bounds a loop', () => {
    const found = bounds(
      'out = ""\nfor line in problem.split():\n    r = await self.custom(input=line)\n    out += r["response"]\nreturn out',
    );
    expect(found?.least.operatorCalls).toBe(0);
    expect(found?.greatest).toEqual({
      operatorCalls: undefined,
      modelCalls: undefined,
      tokens: undefined,
      costUsd: undefined,
      criticalPath: undefined,
    });
  });

  it('give tokens and money where limits and price of a request are known', () => {
    const source = body(
      'r = await self.custom(input=problem)\nif len(r["response"]) > 3:\n    r = await self.custom(input=problem)\nreturn r["response"]',
    );
    const price = { promptUsdPerMillion: 2, completionUsdPerMillion: 10 };
    const limits = { leastPromptTokens: 10, greatestPromptTokens: 1_000, greatestCompletionTokens: 2_000 };
    const { least, greatest } = checkWorkflow(source, { ...limits, price }).bounds ?? {};
    expect(least).toMatchObject({ modelCalls: 1, tokens: 10, costUsd: 0.00002 });
    expect(greatest).toMatchObject({ modelCalls: 2, tokens: 6_000, costUsd: 0.044 });
    const unpriced = checkWorkflow(source, limits).bounds;
    expect([unpriced?.least.costUsd, unpriced?.greatest.costUsd]).toEqual([undefined, undefined]);
    expect(checkWorkflow(source, { price }).bounds?.greatest.costUsd).toBeUndefined();
  });
});

describe('checkWorkflow', () => {
  it('says at which line and column of the whole text something is', () => {
    const text = `<think>é</think>\n<graph>\n${body('é = "😀" + problm\nr = await self.custom(input=é)\nreturn r["response"]')}</graph>`;
    const [found] = checkWorkflow(text).diagnostics;
    expect(found?.code).toBe('FW102');
    expect(found?.range).toEqual({ startLine: 5, startColumn: 19, endLine: 5, endColumn: 25 });
  });

  it('refuses operators that are not on offer', () => {
    const source = body('r = await self.programmer(problem=problem)\nreturn r["output"]');
    const codes = checkWorkflow(source, { operators: ['custom'] }).diagnostics.map((item) => item.code);
    expect(codes).toEqual(['FW116']);
  });

  it('takes a prompt that nobody gives for an error where none will come', () => {
    const source = body(
      'r = await self.custom(input=problem, instruction=prompt_custom.A)\nreturn r["response"]',
    );
    const found = (options: CheckOptions) =>
      checkWorkflow(source, options).diagnostics.map(({ code }) => code);
    expect(found({})).toEqual(['FW110']);
    expect(found({ promptsFinal: true })).toEqual(['FW109']);
    expect(found({ promptsFinal: true, prompts: 'A = "a"' })).toEqual([]);
  });

  it('reads prompts of a file, and lets the section win', () => {
    const source = `<graph>\n${body('r = await self.custom(input=problem, instruction=prompt_custom.A + prompt_custom.B)\nreturn r["response"]')}</graph>\n<prompt>A = "section"</prompt>`;
    const { prompts, valid } = checkWorkflow(source, { prompts: 'A = "file"\nB = """b"""' });
    expect(valid).toBe(true);
    expect(prompts.map(({ name, text }) => [name, text])).toEqual([
      ['A', 'section'],
      ['B', 'b'],
    ]);
  });

  it('refuses a source over the cap before it looks at it', () => {
    const { diagnostics } = checkWorkflow('é'.repeat(MAX_SOURCE_BYTES / 2 + 1));
    expect(diagnostics.map((item) => item.code)).toEqual(['FW001']);
  });

  const DEEP = 10_000;
  it.each([
    ['brackets', `${'('.repeat(DEEP)}1${')'.repeat(DEEP)}`],
    ['open brackets', '['.repeat(60_000)],
    ['not', `${'not '.repeat(DEEP)}1`],
    ['signs', `${'-'.repeat(60_000)}1`],
    ['subscripts', `problem${'[0]'.repeat(DEEP)}`],
    ['calls', `problem${'()'.repeat(DEEP)}`],
    ['attributes', `problem${'.a'.repeat(DEEP)}`],
    ['a sum', `1${'+1'.repeat(60_000)}`],
    ['powers', `2${'**2'.repeat(DEEP)}`],
    ['conditions', `${'1 if 1 else '.repeat(DEEP)}1`],
    ['lambdas', `${'lambda: '.repeat(DEEP)}1`],
    ['f-strings', 'f"{'.repeat(DEEP)],
    ['await', `${'await '.repeat(DEEP)}problem`],
  ])('refuses %s nested deep, in bounded time', { timeout: 20_000 }, (_, expression) => {
    const { valid, diagnostics } = checkWorkflow(body(`x = ${expression}\nreturn x`));
    expect(valid).toBe(false);
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it.each([
    [
      'a long list',
      body(`x = [${'1,'.repeat(40_000)}]\nr = await self.custom(input=str(x))\nreturn r["response"]`),
    ],
    ['many statements', body('x = problem\n'.repeat(6_000))],
    ['many branches', body(`if problem:\n    pass\n${'elif problem:\n    pass\n'.repeat(2_000)}`)],
    ['many tags', '<graph>'.repeat(18_000)],
    ['many fences', '```\n'.repeat(30_000)],
    ['many classes', 'class A:\n'.repeat(14_000)],
    [
      'loops in loops',
      body(
        `${Array.from({ length: 15 }, (_, i) => `${' '.repeat(i)}for i in range(99):`).join('\n')}\n${' '.repeat(20)}await self.custom(input=problem)`,
      ),
    ],
    ['nothing', ''],
    ['a NUL', body('x = "\0"')],
  ])('comes to an end on %s', { timeout: 20_000 }, (_, source) => {
    expect(() => checkWorkflow(source)).not.toThrow();
  });

  it('neither throws nor hangs on mutants and raw bytes', { timeout: 900_000 }, () => {
    const random = seededRandom(5);
    const corpus = readCorpus();
    for (let count = 0; count < (FULL ? 100_000 : 1_500); count++) {
      const { source } = corpus[Math.floor(random() * corpus.length)] ?? { source: '' };
      const text =
        count % 10 === 0
          ? Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256))).toString('latin1') +
            source
          : mutate(source, random);
      const before = process.threadCpuUsage();
      expect(() => checkWorkflow(text), text).not.toThrow();
      expect(process.threadCpuUsage(before).user / 1_000, text).toBeLessThan(2_000);
    }
  });
});
