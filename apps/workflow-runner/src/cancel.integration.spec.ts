import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowStatus,
  type RunWorkflowRequest,
  type WorkflowEvent,
} from '@flowreasoner/contracts/workflow';
import type { ScriptedReply, ScriptedRequest } from '@flowreasoner/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resultOf, startStack, type Stack } from './testing/stack.js';

/** Time for something to begin or to be gone. It takes far less: tools/bench/interpreter measures it. */
const PATIENCE_MS = 10_000;
/** Name that a candidate gives its process, by which it is found from outside the jail. */
const SLEEPER = `sleeper-${process.pid}`.slice(0, 15);

const sleeping = (name: string): ScriptedReply => ({
  kind: 'answer',
  text: `\`\`\`python\nimport time\n\ndef ${name}(*args):\n    open('/proc/self/comm', 'w').write('${SLEEPER}')\n    time.sleep(60)\n\`\`\``,
});

/** Hangs, or answers with a program that sleeps, as the problem asks. */
function script({ body }: ScriptedRequest): ScriptedReply {
  const prompt = JSON.stringify(body.messages);
  if (prompt.includes('hang')) return { kind: 'hang' };
  return sleeping(prompt.includes('solve') ? 'solve' : 'add');
}

const visibleChecks: Suite = {
  suite: {
    $case: 'function',
    value: { entryPoint: 'add', testCode: '', asserts: ['assert add(1, 2) == 3'] },
  },
  integrity: 0,
  hidden: false,
};

const workflow = (lines: readonly string[]): string =>
  [
    'class Workflow:',
    '    def __init__(self, name, llm_config, dataset):',
    '        self.custom = operator.Custom(self.llm)',
    '        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)',
    '        self.test = operator.Test(self.llm)',
    '        self.programmer = operator.Programmer(self.llm)',
    '    async def __call__(self, problem, entry_point=""):',
    ...lines.map((line) => `        ${line}`),
    '',
  ].join('\n');

interface Work {
  readonly request: Partial<RunWorkflowRequest>;
  /** Whether it is at work, in a model server or in the sandbox. */
  readonly isOpen: () => boolean;
}

let stack: Stack;

const openModelRequests = (): boolean => {
  const { received, finished, aborted, cut } = stack.models.counts();
  return received > finished + aborted + cut;
};

const works: readonly (readonly [string, Work])[] = [
  [
    'a model request',
    {
      request: {
        source: workflow(["return (await self.custom(input=problem))['response']"]),
        problem: 'hang',
      },
      isOpen: openModelRequests,
    },
  ],
  [
    'several model requests',
    {
      request: {
        source: workflow([
          "return str([(await self.custom(input=problem + str(i)))['response'] for i in range(5)])",
        ]),
        problem: 'hang',
      },
      isOpen: openModelRequests,
    },
  ],
  [
    'a program that `test` runs',
    {
      request: {
        source: workflow([
          'draft = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")',
          "tested = await self.test(problem=problem, solution=draft['response'], entry_point=entry_point)",
          "return tested['solution']",
        ]),
        problem: 'Add two numbers.',
        entryPoint: 'add',
        visibleChecks,
      },
      isOpen: isSleeping,
    },
  ],
  [
    'a program that `programmer` runs',
    {
      request: {
        source: workflow(["return (await self.programmer(problem=problem))['output']"]),
        problem: 'Write solve.',
      },
      isOpen: isSleeping,
    },
  ],
];

beforeAll(async () => {
  stack = await startStack(script);
}, 60_000);

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

it.each(works)('a cancellation ends %s', { timeout: 60_000 }, async (_, { request, isOpen }) => {
  const abort = new AbortController();
  const run = collect(request, { signal: abort.signal });
  run.catch(() => undefined);
  await until(isOpen);
  abort.abort();
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  await until(() => !isOpen());
});

it.each(works)('the wall-clock limit ends %s', { timeout: 60_000 }, async (_, { request, isOpen }) => {
  const limits = { steps: 0, operatorCalls: 0, wallMs: 3_000, concurrency: 0, maxCompletionTokens: 0 };
  const run = collect({ ...request, limits });
  await until(isOpen);
  expect(resultOf(await run)).toMatchObject({
    status: WorkflowStatus.WORKFLOW_STATUS_TIMEOUT,
    errorType: 'wall_ms',
  });
  await until(() => !isOpen());
});

it.each(works)("the call's deadline ends %s", { timeout: 60_000 }, async (_, { request, isOpen }) => {
  const run = collect(request, { deadlineMs: 3_000 });
  await until(isOpen);
  // The result comes in time: the run ends a little before the deadline.
  expect(resultOf(await run)).toMatchObject({
    status: WorkflowStatus.WORKFLOW_STATUS_TIMEOUT,
    errorType: 'wall_ms',
  });
  await until(() => !isOpen());
});

async function collect(
  request: Partial<RunWorkflowRequest>,
  options?: Parameters<Stack['run']>[1],
): Promise<WorkflowEvent[]> {
  const events: WorkflowEvent[] = [];
  for await (const event of stack.run(request, options)) events.push(event);
  return events;
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come about');
    await delay(5);
  }
}

function isSleeping(): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return readFileSync(`/proc/${name}/comm`, 'utf8').trim() === SLEEPER;
    } catch {
      return false;
    }
  });
}
