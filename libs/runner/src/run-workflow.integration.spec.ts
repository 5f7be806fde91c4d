import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import type { ScriptedRequest } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { noSandbox, startRunHarness, workflow } from './testing/run-harness.js';

const answer = (text: string) => ({ kind: 'answer' as const, text });
const lastMessage = ({ body }: ScriptedRequest): string => String(body.messages.at(-1)?.content);

describe('RunWorkflow', () => {
  it('runs an AFlow program over the wire and streams what happens', async () => {
    await using harness = await startRunHarness({ script: [answer('forty-two')] });
    const { events, result } = await harness.run({
      source: workflow(`
solution = await self.custom(input=problem, instruction="Answer: ")
return solution['response'], self.llm.get_usage_summary()["total_cost"]`),
    });
    expect(result).toMatchObject({ status: WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED, answer: 'forty-two' });
    expect(events.map(({ event }) => event?.$case)).toEqual([
      'operatorStarted',
      'modelRequestStarted',
      'modelRequestFinished',
      'operatorFinished',
      'finished',
    ]);
    expect(harness.models.requests[0]?.body.messages.at(-1)?.content).toBe(
      'Answer: What is six times seven?',
    );
    expect(result.usage?.modelCalls).toBe(1);
  });

  it('makes independent calls at the same time', async () => {
    let open = (): void => undefined;
    const hold = new Promise<void>((resolve) => {
      open = resolve;
    });
    await using harness = await startRunHarness({
      script: (request) => ({ ...answer(lastMessage(request)), hold }),
    });
    const run = harness.run({
      source: workflow(`
answers = []
for i in range(5):
    solution = await self.custom(input=str(i), instruction="")
    answers.append(solution['response'])
return ','.join(answers)`),
    });
    await harness.models.until(({ received }) => received === 5);
    open();
    expect((await run).result.answer).toBe('0,1,2,3,4');
  });

  it('finishes each request once when it is resumed with its memo', async () => {
    const source = workflow(`
first = await self.custom(input="one", instruction="")
second = await self.custom(input=f"two {first['response']}", instruction="")
return second['response']`);
    await using harness = await startRunHarness({
      script: [answer('1'), { kind: 'status', status: 503 }, answer('2')],
    });
    const cut = await harness.run({ source });
    expect(cut.result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE);
    const memo = cut.events.flatMap(({ event }) =>
      event?.$case === 'modelRequestFinished' && event.value.memo !== undefined ? [event.value.memo] : [],
    );
    expect(memo).toHaveLength(1);
    const resumed = await harness.run({ source, memo });
    expect(resumed.result.answer).toBe('2');
    expect(resumed.result.usage?.modelCalls).toBe(1);
    expect(harness.models.requests.map(lastMessage)).toEqual(['one', 'two 1', 'two 1']);
  });

  it('makes each finished request exactly once, wherever it was cut', async () => {
    const source = workflow(`
drafts = []
for i in range(3):
    draft = await self.custom(input=f"draft {i}", instruction="")
    drafts.append(draft['response'])
best = await self.custom(input=','.join(drafts), instruction="")
last = await self.custom(input=f"last {best['response']}", instruction="")
return last['response']`);
    await using whole = await startRunHarness({ script: (request) => answer(`<${lastMessage(request)}>`) });
    const expected = (await whole.run({ source })).result.answer;
    for (let cutAt = 0; cutAt < 5; cutAt += 1) {
      await using harness = await startRunHarness({
        script: (request) => answer(`<${lastMessage(request)}>`),
      });
      const budget = { costUsd: undefined, tokens: undefined, modelCalls: cutAt, sandboxMs: undefined };
      const cut = await harness.run({ source, budget });
      expect(cut.result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_BUDGET);
      const memo = cut.events.flatMap(({ event }) =>
        event?.$case === 'modelRequestFinished' && event.value.memo !== undefined ? [event.value.memo] : [],
      );
      const finished = new Set(memo.map(({ key }) => key));
      const before = harness.models.requests.length;
      const resumed = await harness.run({ source, memo });
      expect(resumed.result.answer).toBe(expected);
      const again = harness.models.requests.slice(before).map(lastMessage);
      expect(again).toHaveLength(5 - finished.size);
      expect(resumed.result.usage?.modelCalls).toBe(5 - finished.size);
    }
  });

  it('makes each finished request exactly once, where helpers go on beside each other', async () => {
    const source = workflow(`
async def attempt(i):
    draft = await self.custom(input=f"draft {i}", instruction="")
    if 'draft' in draft['response']:
        draft = await self.custom(input=f"better {draft['response']}", instruction="")
    return draft['response']
drafts = await asyncio.gather(attempt(0), attempt(1), attempt(2))
best = await self.custom(input=','.join(drafts), instruction="")
return best['response']`);
    const script = (request: ScriptedRequest) => answer(`<${lastMessage(request)}>`);
    await using whole = await startRunHarness({ script });
    const expected = (await whole.run({ source })).result.answer;
    const wanted = whole.models.requests.map(lastMessage).sort();
    expect(wanted).toHaveLength(7);
    for (let cutAt = 0; cutAt < wanted.length; cutAt += 1) {
      await using harness = await startRunHarness({ script });
      const budget = { costUsd: undefined, tokens: undefined, modelCalls: cutAt, sandboxMs: undefined };
      const cut = await harness.run({ source, budget });
      expect(cut.result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_BUDGET);
      const memo = cut.events.flatMap(({ event }) =>
        event?.$case === 'modelRequestFinished' && event.value.memo !== undefined ? [event.value.memo] : [],
      );
      const before = harness.models.requests.length;
      const resumed = await harness.run({ source, memo });
      expect(resumed.result.answer).toBe(expected);
      expect(harness.models.requests.length - before).toBe(wanted.length - memo.length);
    }
  });

  it('stops before a request that the budget has no room for', async () => {
    await using harness = await startRunHarness({ script: () => answer('x') });
    const { result } = await harness.run({
      source: workflow(`
for i in range(4):
    a = await self.custom(input=str(i), instruction="")
    if a['response'] == 'y':
        break
return a['response']`),
      budget: { costUsd: undefined, tokens: undefined, modelCalls: 2, sandboxMs: undefined },
    });
    expect(result).toMatchObject({
      status: WorkflowStatus.WORKFLOW_STATUS_BUDGET,
      errorType: 'model_calls',
    });
    expect(result.partialAnswers).toEqual(['x', 'x']);
    expect(harness.models.requests).toHaveLength(2);
  });

  it('gives the diagnostics of a workflow that is not valid', async () => {
    await using harness = await startRunHarness({ script: [] });
    const { result } = await harness.run({ source: workflow('return await self.nothing(problem)') });
    expect(result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_INVALID);
    expect(result.diagnostics.length).toBeGreaterThan(0);
  });

  it('ends at the wall-clock limit with its own status', async () => {
    await using harness = await startRunHarness({
      script: [{ ...answer('late'), hold: new Promise(() => undefined) }],
    });
    const { result } = await harness.run({
      source: workflow(`
a = await self.custom(input=problem, instruction="")
return a['response']`),
      limits: { steps: 0, operatorCalls: 0, wallMs: 300, concurrency: 0, maxCompletionTokens: 0 },
    });
    expect(result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_TIMEOUT);
    await harness.models.until(({ aborted }) => aborted === 1);
  });

  it('lets go of model requests when the caller cancels', async () => {
    await using harness = await startRunHarness({
      script: [{ ...answer('late'), hold: new Promise(() => undefined) }],
    });
    const abort = new AbortController();
    const run = harness.run(
      {
        source: workflow(`
a = await self.custom(input=problem, instruction="")
return a['response']`),
      },
      { signal: abort.signal },
    );
    await harness.models.until(({ received }) => received === 1);
    const cancelledAt = performance.now();
    abort.abort();
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    await harness.models.until(({ aborted }) => aborted === 1);
    expect(performance.now() - cancelledAt).toBeLessThan(1_000);
  });

  it('refuses requests beyond a limit and names the field', async () => {
    await using harness = await startRunHarness({ script: [] });
    await expect(harness.run({ source: 'x', problem: 'p'.repeat(300_000) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [{ field: 'problem' }] },
    });
  });

  it('refuses an endpoint that is not configured', async () => {
    await using harness = await startRunHarness({ script: [] });
    const request = { source: 'x', worker: { endpoint: 'elsewhere', model: '' } };
    await expect(harness.run(request)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [{ field: 'worker.endpoint' }] },
    });
  });

  it('streams text as it comes when asked', async () => {
    await using harness = await startRunHarness({ script: [answer('a long answer in several pieces')] });
    const { events } = await harness.run({
      source: workflow(`
a = await self.custom(input=problem, instruction="")
return a['response']`),
      streamTokens: true,
    });
    const text = events.map(({ event }) => (event?.$case === 'tokenDelta' ? event.value.text : '')).join('');
    expect(text).toBe('a long answer in several pieces');
  });

  it('asks again when an answer breaks off, and says that what came of it is void', async () => {
    const fault = { kind: 'cut', afterChunks: 3 } as const;
    const broken = { ...answer('an answer that breaks off'), fault };
    await using harness = await startRunHarness({
      script: [broken, answer('a whole answer')],
      endpoint: { maxRetries: 1 },
    });
    const { events, result } = await harness.run({
      source: workflow(`
a = await self.custom(input=problem, instruction="")
return a['response']`),
      streamTokens: true,
    });
    expect(result).toMatchObject({ answer: 'a whole answer' });
    const kinds = events.map(({ event }) => event?.$case);
    const restart = kinds.lastIndexOf('modelRequestStarted');
    expect(kinds.indexOf('tokenDelta')).toBeLessThan(restart);
    expect(events[restart - 1]?.event).toMatchObject({
      $case: 'modelRequestFinished',
      value: { error: 'the answer broke off and is asked for again' },
    });
    const text = events
      .slice(restart)
      .map(({ event }) => (event?.$case === 'tokenDelta' ? event.value.text : ''))
      .join('');
    expect(text).toBe('a whole answer');
  });

  it.each([
    ['has failed on its way', 'UNAVAILABLE', 40],
    ['the sandbox has not taken', 'RESOURCE_EXHAUSTED', 0],
  ] as const)('charges a sandbox request that %s', async (_, code, least) => {
    const fail = async (): Promise<never> => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new FlowError(code, 'TEST', 'the sandbox failed');
    };
    await using harness = await startRunHarness({
      script: [answer('```python\ndef solve():\n    return 1\n```')],
      sandbox: { ...noSandbox, execute: fail },
    });
    const source = workflow(
      "program = await self.programmer(problem=problem)\nreturn program['output']",
    ).replace('self.test =', 'self.programmer = operator.Programmer(self.llm)\n        self.test =');
    const { events, result } = await harness.run({ source });
    const told = events.find(({ event }) => event?.$case === 'sandboxRequestFinished')?.event;
    if (told?.$case !== 'sandboxRequestFinished') throw new Error('no sandbox request was told of');
    expect(told.value.error).toContain('the sandbox failed');
    expect(result.usage?.sandboxMs).toBe(told.value.wallMs);
    if (least === 0) expect(told.value.wallMs).toBe(0);
    else expect(told.value.wallMs).toBeGreaterThanOrEqual(least);
  });
});
