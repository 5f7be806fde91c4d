import type { Suite } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowStatus,
  type RunWorkflowRequest,
  type WorkflowEvent,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { failure, type ScriptedReply, type ScriptedRequest } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf, startStack, type Stack } from './testing/stack.js';

let stack: Stack;
/** What the model answers next. */
let replies: readonly ScriptedReply[] = [];
let firstRequest = 0;

beforeAll(async () => {
  stack = await startStack(({ index }) => replies[index - firstRequest] ?? failure(500));
}, 60_000);

afterAll(async () => {
  expect(await stack.runner.stop()).toBe(0);
  await stack[Symbol.asyncDispose]();
});

const visibleChecks: Suite = {
  suite: {
    $case: 'function',
    value: { entryPoint: 'add', testCode: '', asserts: ['assert add(1, 2) == 3', 'assert add(0, 0) == 0'] },
  },
  integrity: 0,
  hidden: false,
};

const program = (body: string): ScriptedReply => ({
  kind: 'answer',
  text: `\`\`\`python\ndef add(a, b):\n    ${body}\n\`\`\``,
});

const source = (body: readonly string[]): string =>
  [
    'class Workflow:',
    '    def __init__(self, name, llm_config, dataset):',
    '        self.llm = create_llm_instance(llm_config)',
    '        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)',
    '        self.sc_ensemble = operator.ScEnsemble(self.llm)',
    '        self.test = operator.Test(self.llm)',
    '        self.programmer = operator.Programmer(self.llm)',
    '',
    '    async def __call__(self, problem, entry_point):',
    ...body.map((line) => `        ${line}`),
    '',
  ].join('\n');

interface Finished {
  readonly events: readonly WorkflowEvent[];
  readonly result: WorkflowResult;
  readonly requests: readonly ScriptedRequest[];
}

/** Runs a workflow to its end with these answers of the model. */
async function run(
  answers: readonly ScriptedReply[],
  fields: Partial<RunWorkflowRequest>,
): Promise<Finished> {
  replies = answers;
  firstRequest = stack.models.requests.length;
  const task = { problem: 'Add two numbers.', entryPoint: 'add', visibleChecks };
  const events: WorkflowEvent[] = [];
  for await (const event of stack.run({ ...task, ...fields })) events.push(event);
  return { events, result: resultOf(events), requests: stack.models.requests.slice(firstRequest) };
}

describe('the workflow-runner with a real sandbox', () => {
  it('repairs a wrong program from the failing case', async () => {
    const { result, requests, events } = await run([program('return a - b'), program('return a + b')], {
      source: source([
        'draft = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")',
        "tested = await self.test(problem=problem, solution=draft['response'], entry_point=entry_point)",
        "return tested['solution'], self.llm.get_usage_summary()['total_cost']",
      ]),
    });
    expect(result.message).toBe('');
    expect(result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED);
    expect(result.answer).toContain('return a + b');
    expect(result.usage).toMatchObject({ modelCalls: 2, costUsd: 0 });
    expect(result.usage?.sandboxMs).toBeGreaterThan(0);
    expect(requests[1]?.body.messages.at(-1)?.content).toContain('add(1, 2)');
    const graded = events.filter(({ event }) => event?.$case === 'sandboxRequestFinished');
    expect(graded.length).toBeGreaterThanOrEqual(2);
  });

  it('lets the program that passes win the vote', async () => {
    const { result } = await run(
      [program('return a - b'), program('return a + b'), program('return a - b'), program('return a * b')],
      {
        source: source([
          'solutions = []',
          'for i in range(3):',
          '    s = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")',
          "    solutions.append(s['response'])",
          'best = await self.sc_ensemble(solutions=solutions, problem=problem)',
          "return best['response']",
        ]),
      },
    );
    expect(result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED);
    expect(result.answer).toContain('return a + b');
  });

  it('runs what the programmer writes', async () => {
    const { result } = await run(
      [{ kind: 'answer', text: '```python\ndef solve():\n    return 6 * 7\n```' }],
      {
        source: source(['p = await self.programmer(problem=problem)', "return p['output']"]),
        entryPoint: '',
        visibleChecks: undefined,
      },
    );
    expect(result).toMatchObject({ status: WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED, answer: '42' });
  });

  it('says that a model is unavailable', async () => {
    const { result } = await run([failure(401)], {
      source: source([
        's = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")',
        "return s['response']",
      ]),
    });
    expect(result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE);
    expect(result.message).toContain("Model 'scripted' at endpoint 'scripted'");
  });
});
