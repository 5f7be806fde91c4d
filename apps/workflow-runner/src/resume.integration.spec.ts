import { createHash } from 'node:crypto';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowStatus,
  type MemoEntry,
  type RunWorkflowRequest,
  type WorkflowEvent,
} from '@flowreasoner/contracts/workflow';
import type { ScriptedReply, ScriptedRequest } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoEntryOf, memoOf, resultOf, startStack, type Stack } from './testing/stack.js';

/** What the model has answered, one text a sample; no two of one run are the same. */
const served: string[] = [];

/** Answers by prompt and seed alone, so that a request that is made again gets the same. */
function script({ body }: ScriptedRequest): ScriptedReply {
  const prompt = JSON.stringify(body.messages);
  const texts = Array.from({ length: body.n ?? 1 }, (_, i) => textFor(prompt, (body.seed ?? 0) + i));
  served.push(...texts);
  return { kind: 'answer', text: texts };
}

function textFor(prompt: string, seed: number): string {
  const mark = createHash('sha256').update(`${prompt} ${seed}`).digest('hex').slice(0, 12);
  if (prompt.includes('solve')) return `\`\`\`python\ndef solve():\n    return '${mark}'\n\`\`\``;
  if (!prompt.includes('add')) return mark;
  // Only a prompt that shows the failing case leads to the right program.
  const sum = prompt.includes('add(1, 2)') ? 'a + b' : ['a - b', 'a * b', 'b - a'][seed % 3];
  return `\`\`\`python\ndef add(a, b):\n    # ${mark}\n    return ${sum}\n\`\`\``;
}

const visibleChecks: Suite = {
  suite: {
    $case: 'function',
    value: { entryPoint: 'add', testCode: '', asserts: ['assert add(1, 2) == 3', 'assert add(0, 0) == 0'] },
  },
  integrity: 0,
  hidden: false,
};

const source = (lines: readonly string[]): string =>
  [
    'class Workflow:',
    '    def __init__(self, name, llm_config, dataset):',
    '        self.custom = operator.Custom(self.llm)',
    '        self.multi_generate = operator.MultiGenerate(self.llm)',
    '        self.test = operator.Test(self.llm)',
    '        self.programmer = operator.Programmer(self.llm)',
    '        self.sc_ensemble = operator.ScEnsemble(self.llm)',
    '    async def __call__(self, problem, entry_point=""):',
    ...lines.map((line) => `        ${line}`),
    '',
  ].join('\n');

const programs: readonly (readonly [string, Partial<RunWorkflowRequest>])[] = [
  [
    'samples, a test with a repair, and a vote',
    {
      source: source([
        'drafts = await self.multi_generate(problem=problem, entry_point=entry_point, instruction="", n=3)',
        "a, b, c = drafts['responses']",
        'tested = await self.test(problem=problem, solution=a, entry_point=entry_point)',
        "best = await self.sc_ensemble(solutions=[tested['solution'], b, c], problem=problem)",
        "return best['response']",
      ]),
      problem: 'Add two numbers.',
      entryPoint: 'add',
      visibleChecks,
    },
  ],
  [
    'helpers beside each other',
    {
      source: source([
        'async def attempt(i):',
        '    plan = await self.custom(input=f"Plan {i}: {problem}", instruction="")',
        '    ran = await self.programmer(problem=f"Write solve, by {plan[\'response\']}.")',
        "    return ran['output']",
        'outputs = await asyncio.gather(attempt(0), attempt(1), attempt(2))',
        'best = await self.custom(input=\' \'.join(outputs), instruction="")',
        "return best['response']",
      ]),
      problem: 'Say a word.',
    },
  ],
];

/** A way to end a run before its time; the run's events end with an error then, or have ended. */
type Cut = (abort: AbortController) => Promise<void>;

let stack: Stack;

const cancel: Cut = async (abort) => abort.abort();
const kill: Cut = () => stack.replaceRunner();

const cuts: readonly (readonly [string, Cut])[] = [
  ['cancelled', cancel],
  ['left by a runner that was killed', kill],
];

beforeAll(async () => {
  stack = await startStack(script);
}, 60_000);

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

describe.each(programs)('%s', (_, request) => {
  let whole: readonly WorkflowEvent[];
  beforeAll(async () => {
    whole = await take(stack.run(request));
    expect(resultOf(whole)).toMatchObject({ message: '', status: WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED });
    const kinds = new Set(whole.filter(memoEntryOf).map(({ event }) => event?.$case));
    expect([...kinds].sort()).toEqual(['modelRequestFinished', 'sandboxRequestFinished']);
  });

  it.each(cuts)('makes each finished request once when it was %s', { timeout: 300_000 }, async (_, cut) => {
    const every = memoOf(whole);
    let cutShort = 0;
    for (let finished = 0; finished <= every.length; finished += 1) {
      const memo = await cutAfter(request, finished, cut);
      expect(memo.length).toBeGreaterThanOrEqual(finished);
      if (memo.length < every.length) cutShort += 1;
      served.length = 0;
      const resumed = await take(stack.run({ ...request, memo }));
      expect(resultOf(resumed).answer).toBe(resultOf(whole).answer);
      expect(keysOf(memoOf(resumed))).toEqual(keysOf(every));
      const known = keysOf(resumed.filter(isFromMemo).flatMap((event) => memoOf([event])));
      expect(known).toEqual(keysOf(memo));
      // Requests that a cancelled run had on their way may still come in; what it had finished can't.
      const finishedTexts = memo.flatMap(textOf);
      expect(served.filter((text) => finishedTexts.includes(text))).toEqual([]);
      const missing = every.filter(({ key }) => !known.includes(key)).flatMap(textOf);
      if (cut === kill) expect([...served].sort()).toEqual(missing.sort());
      else expect(served).toEqual(expect.arrayContaining(missing));
    }
    expect(cutShort).toBeGreaterThan(every.length / 2);
  });
});

/** The memo of a run that is cut as soon as so many of its requests have finished. */
async function cutAfter(
  request: Partial<RunWorkflowRequest>,
  finished: number,
  cut: Cut,
): Promise<MemoEntry[]> {
  const abort = new AbortController();
  const events: WorkflowEvent[] = [];
  let cutting: Promise<void> | undefined;
  try {
    for await (const event of stack.run(request, { signal: abort.signal })) {
      events.push(event);
      if (memoOf(events).length >= finished) cutting ??= cut(abort);
    }
  } catch (error) {
    expect(['CANCELLED', 'UNAVAILABLE']).toContain((error as { code?: unknown }).code);
  }
  expect(cutting).toBeDefined();
  await cutting;
  return memoOf(events);
}

async function take(events: AsyncIterable<WorkflowEvent>): Promise<WorkflowEvent[]> {
  const taken: WorkflowEvent[] = [];
  for await (const event of events) taken.push(event);
  return taken;
}

function isFromMemo({ event }: WorkflowEvent): boolean {
  return (
    (event?.$case === 'modelRequestFinished' || event?.$case === 'sandboxRequestFinished') &&
    event.value.fromMemo
  );
}

const keysOf = (memo: readonly MemoEntry[]): string[] => memo.map(({ key }) => key).sort();

/** The text of a model's answer; none for what the sandbox gave. */
function textOf({ response }: MemoEntry): string[] {
  const { text } = JSON.parse(response.toString()) as { text?: string };
  return text === undefined ? [] : [text];
}
