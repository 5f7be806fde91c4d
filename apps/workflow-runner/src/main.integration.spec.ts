import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowServiceClient,
  WorkflowStatus,
  type RunWorkflowRequest,
  type WorkflowEvent,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { createClient, serverStream, waitForReady } from '@flowreasoner/rpc';
import {
  startApp,
  startScriptedModelServer,
  type AppProcess,
  type Script,
  type ScriptedRequest,
} from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
const children: AppProcess[] = [];

function start(app: string, env: Record<string, string>): AppProcess {
  const child = startApp(app, { env });
  children.push(child);
  return child;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workflow-runner-'));
  start('sandbox', { FLOW_SANDBOX_ADDRESS: `unix:${join(folder, 'sandbox.sock')}` });
});

afterAll(async () => {
  await Promise.all(children.map((child) => child.stop()));
  await rm(folder, { recursive: true, force: true });
});

const visibleChecks: Suite = {
  suite: {
    $case: 'function',
    value: { entryPoint: 'add', testCode: '', asserts: ['assert add(1, 2) == 3', 'assert add(0, 0) == 0'] },
  },
  integrity: 0,
  hidden: false,
};

const program = (body: string): { kind: 'answer'; text: string } => ({
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

/** Runs a workflow by a runner of its own with a scripted model. */
async function run(script: Script, fields: Partial<RunWorkflowRequest>): Promise<Finished> {
  const models = await startScriptedModelServer({ script });
  const address = `unix:${join(folder, `runner-${children.length}.sock`)}`;
  const runner = start('workflow-runner', {
    FLOW_WORKFLOW_RUNNER_ADDRESS: address,
    FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: `unix:${join(folder, 'sandbox.sock')}`,
    FLOW_MODEL_ENDPOINTS: JSON.stringify([
      {
        name: 'scripted',
        baseUrl: models.baseUrl,
        defaultModel: 'scripted',
        local: true,
        promptStyle: 'chat',
      },
    ]),
  });
  const client = createClient(WorkflowServiceClient, { address });
  try {
    await waitForReady(client, 20_000);
    const events: WorkflowEvent[] = [];
    const request: RunWorkflowRequest = {
      source: '',
      prompts: '',
      problem: 'Add two numbers.',
      entryPoint: 'add',
      visibleChecks,
      worker: undefined,
      mode: 0,
      seed: 1,
      limits: undefined,
      budget: undefined,
      memo: [],
      streamTokens: false,
      temperature: undefined,
      ...fields,
    };
    for await (const { event } of serverStream(client, 'runWorkflow', request)) {
      if (event !== undefined) events.push(event);
    }
    const last = events.at(-1)?.event;
    if (last?.$case !== 'finished') throw new Error('the last event is not the result');
    return { events, result: last.value, requests: models.requests };
  } finally {
    client.close();
    expect(await runner.stop()).toBe(0);
    await models.close();
  }
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
    const { result } = await run(() => ({ kind: 'status', status: 401 }), {
      source: source([
        's = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")',
        "return s['response']",
      ]),
    });
    expect(result.status).toBe(WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE);
    expect(result.message).toContain("Model 'scripted' at endpoint 'scripted'");
  });
});
