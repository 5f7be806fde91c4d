import type { Budget, RunLimits, RunWorkflowRequest } from '@flowreasoner/contracts/workflow';
import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { answer, type ScriptedReply, type ScriptedRequest } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf, startStack, type Stack } from './testing/stack.js';

const PROGRAM = '```python\ndef solve():\n    while True: pass\n```';
/** Charged at a dollar a token, so that every request costs something. */
const PRICES = { scripted: { promptUsdPerMillion: 1_000_000, completionUsdPerMillion: 1_000_000 } };

let stack: Stack;
let reply: (request: ScriptedRequest) => ScriptedReply;

beforeAll(async () => {
  stack = await startStack((request) => reply(request), { local: false, prices: PRICES });
}, 90_000);

afterAll(() => stack[Symbol.asyncDispose]());

/** A program that has an operator's answer before it meets a limit. */
const source = (body: string): string =>
  [
    'class Workflow:',
    '    async def __call__(self, problem):',
    '        first = await self.custom(input=problem)',
    '        answer = first["response"]',
    '        if answer == "":',
    '            return answer',
    ...body.split('\n').map((line) => `        ${line}`),
    '        return answer',
    '',
  ].join('\n');

const AGAIN = 'r = await self.custom(input=answer)\nanswer = r["response"]';

interface Case {
  readonly body: string;
  readonly limits?: Partial<RunLimits>;
  readonly budget?: Partial<Budget>;
  readonly status: WorkflowStatus;
}

const { WORKFLOW_STATUS_LIMIT: LIMIT, WORKFLOW_STATUS_BUDGET: BUDGET } = WorkflowStatus;

/** By the name under which the result says it. */
const CASES: Readonly<Record<string, Case>> = {
  steps: { body: 'while answer:\n    answer += ""', limits: { steps: 500 }, status: LIMIT },
  operator_calls: {
    body: `for i in range(9):\n    r = await self.custom(input=str(i))\n    answer = r["response"]`,
    limits: { operatorCalls: 3 },
    status: LIMIT,
  },
  depth: { body: 'f = lambda g: g(g)\nanswer += str(f(f))', status: LIMIT },
  string_length: { body: 'while answer:\n    answer += answer', status: LIMIT },
  collection_length: { body: 'answer += str([0] * 10 ** 9)', status: LIMIT },
  integer_size: { body: 'n = 2\nwhile answer:\n    n = n * n\nanswer += str(n)', status: LIMIT },
  allocation: {
    body: 'xs = []\nfor i in range(900):\n    xs.append(answer * 2000000 + str(i))\nanswer += str(len(xs))',
    status: LIMIT,
  },
  wall_ms: {
    body: AGAIN,
    limits: { wallMs: 3_000 },
    status: WorkflowStatus.WORKFLOW_STATUS_TIMEOUT,
  },
  model_calls: { body: AGAIN, budget: { modelCalls: 1 }, status: BUDGET },
  tokens: { body: AGAIN, budget: { tokens: 4_000 }, status: BUDGET },
  cost_usd: { body: AGAIN, budget: { costUsd: 4_000 }, status: BUDGET },
  sandbox_ms: {
    body: 'p = await self.programmer(problem=problem)\nanswer = p["output"]',
    budget: { sandboxMs: 300 },
    status: BUDGET,
  },
};

async function run(request: Partial<RunWorkflowRequest>) {
  const events = [];
  for await (const event of stack.run({ problem: 'Six times seven?', ...request })) events.push(event);
  return resultOf(events);
}

describe('a run that reaches a limit', () => {
  it.each(Object.entries(CASES))(
    'says that it was %s, and keeps what is finished',
    { timeout: 60_000 },
    async (name, { body, limits, budget, status }) => {
      const usage = { promptTokens: 10, completionTokens: 2_000 };
      const text = name === 'sandbox_ms' ? PROGRAM : 'xy';
      const never = new Promise<void>(() => undefined);
      // The second answer never comes where time has to run out.
      reply = ({ body: { messages } }) => {
        const isLate = name === 'wall_ms' && messages.at(-1)?.content === text;
        return answer(text, isLate ? { usage, hold: never } : { usage });
      };
      const result = await run({
        source: source(body),
        limits: { steps: 0, operatorCalls: 0, wallMs: 0, concurrency: 0, maxCompletionTokens: 0, ...limits },
        budget: {
          costUsd: undefined,
          tokens: undefined,
          modelCalls: undefined,
          sandboxMs: undefined,
          ...budget,
        },
      });
      expect(result).toMatchObject({ status, errorType: name, answer: '' });
      expect(result.message).not.toBe('');
      expect(result.partialAnswers.at(-1)).toBe(text);
      expect(result.usage?.modelCalls).toBeGreaterThan(0);
    },
  );

  it('goes to its end where nothing is reached', async () => {
    reply = () => answer('done', { usage: { promptTokens: 10, completionTokens: 5 } });
    expect(await run({ source: source(AGAIN) })).toMatchObject({
      status: WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED,
      answer: 'done',
      usage: { modelCalls: 2, costUsd: 30 },
    });
  });
});
