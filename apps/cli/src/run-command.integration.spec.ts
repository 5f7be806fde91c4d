import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { createClient, waitForReady } from '@flowreasoner/rpc';
import {
  answer,
  type ChatBody,
  type ScriptedModelServer,
  type ScriptedReply,
  startApp,
  startScriptedModelServer,
} from '@flowreasoner/testing';
import { FlowHome, type FlowResult } from './testing/flow-process.js';
import { type ServedFlow, startServe } from './testing/serve-process.js';

// The built command line; what runs does so in a host with a real jail. Only the model is scripted.

const sloppy = `class Workflow:
    async def __call__(self, problem, entry_point):
        s = self.custom_code_generate(problem=problem, entry_point=entry_point, instruction='')   # code
        return s['response'], self.llm.get_usage_summary()["total_cost"]
`;
const broken = sloppy.replace('entry_point):', 'entry_point)');
const chain = `class Workflow:
    async def ask(self, text):
        r = await self.custom(input=text, instruction=prompt_custom.ASK)
        return r["response"]

    async def __call__(self, problem):
        first = await self.custom(input=problem)
        second = await self.ask(first["response"])
        return second
`;
const single = `class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        return r["response"], 0
`;
const prompts = 'ASK = "Say it in one word."\n';
const task = {
  id: 'double',
  kind: 'code',
  problem:
    'def double(x):\n    """Return twice x.\n\n    >>> double(2)\n    4\n    >>> double(5)\n    10\n    """\n',
  entry_point: 'double',
};
const hiddenTask = {
  ...task,
  hidden_tests:
    'def check(candidate):\n    assert candidate(7) == 14\n    assert candidate("SECRET") == "SECRETSECRET"\n',
};
const program = (body: string): string => '```python\ndef double(x):\n    return ' + body + '\n```';

let home: FlowHome;
let elsewhere: FlowHome;
/** Of commands that start no host. */
let client: FlowHome;
let served: ServedFlow;
let model: ScriptedModelServer;
let reply: (body: ChatBody) => ScriptedReply | Promise<ScriptedReply>;
let taskFile: string;
let hiddenTaskFile: string;
let workflowFile: string;
let singleFile: string;
let chainFile: string;
let promptsFile: string;

async function file(name: string, content: string | object): Promise<string> {
  const path = join(home.folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function addresses(...names: string[]): string {
  return names.map((name) => served.addresses[name]).join(',');
}

/** Runs with embedded services. */
function run(...args: string[]): Promise<FlowResult> {
  return home.run(['run', ...args, '--base-url', model.baseUrl, '--worker', 'scripted']);
}

/** Runs with those of `flow serve`. */
function runElsewhere(...args: string[]): Promise<FlowResult> {
  const server = addresses('workflow-runner', 'sandbox', 'reward');
  return client.run(['run', ...args, '--json', '--server', server]);
}

function last(result: FlowResult): Readonly<Record<string, unknown>> {
  return result.lines.at(-1) ?? {};
}

beforeAll(async () => {
  home = await FlowHome.create();
  elsewhere = await FlowHome.create();
  client = await FlowHome.create();
  taskFile = await file('task.json', task);
  hiddenTaskFile = await file('hidden-task.json', hiddenTask);
  workflowFile = await file('workflow.py', sloppy);
  singleFile = await file('single.py', single);
  chainFile = await file('chain.py', chain);
  promptsFile = await file('prompts.py', prompts);
  model = await startScriptedModelServer({ script: ({ body }) => reply(body) });
  served = await startServe(elsewhere, ['--base-url', model.baseUrl, '--worker', 'scripted']);
});
beforeEach(() => {
  reply = () => answer(program('x * 2'));
});
afterAll(async () => {
  served.running.child.kill('SIGTERM');
  await served.running.result;
  await model.close();
  await Promise.all([home, elsewhere, client].map((one) => one.remove()));
});

describe('flow run', () => {
  it('runs a workflow, grades the answer and prints lines shaped like those of solve', async () => {
    const trace = join(home.folder, 'trace.jsonl');
    const result = await run(workflowFile, '--task', taskFile, '--trace', trace, '--json');
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(result.lines.map(({ event }) => event)).toEqual([
      'operator_started',
      'model_request_finished',
      'operator_finished',
      'round_evaluated',
      'result',
    ]);
    expect(last(result)).toMatchObject({
      status: 'solved',
      visible: { passed: 2, total: 2 },
      feedback_source: 'query_examples',
      stop_reason: 'all_checks_pass',
      rounds: 1,
      hidden: null,
      usage: { model_calls: 1 },
    });
    const events = (await readFile(trace, 'utf8')).trimEnd().split('\n');
    expect(events.map((line) => Object.keys(JSON.parse(line) as object).at(-1))).toEqual([
      'operatorStarted',
      'modelRequestStarted',
      'modelRequestFinished',
      'operatorFinished',
      'finished',
    ]);
  });

  it('ends with 2 and the answer on standard output when a check fails', async () => {
    reply = () => answer(program('x + 2'));
    const result = await run(workflowFile, '--task', taskFile, '--mode', 'compatible');
    expect(result.code).toBe(2);
    expect(result.stdout.trim()).toBe('def double(x):\n    return x + 2');
    expect(result.stderr).toContain('1 of 2 visible checks pass');
  });

  it('answers a question without checks with 0', async () => {
    reply = () => answer('Paris');
    const result = await run(singleFile, '--query', 'Capital of France?');
    expect([result.code, result.stdout.trim()]).toEqual([0, 'Paris']);
  });

  it('ends with 65 for an invalid workflow, and asks nothing of a model', async () => {
    const result = await home.run(['run', '-', '--task', taskFile, '--json'], { input: broken });
    expect(result.code).toBe(65);
    expect(result.lines).toHaveLength(1);
    expect(last(result)).toMatchObject({ event: 'error', reason: 'WORKFLOW_INVALID' });
    expect(last(result)['diagnostics']).not.toEqual([]);
  });

  it('shows the score by hidden tests, and nothing of them', async () => {
    const result = await run(workflowFile, '--task', hiddenTaskFile);
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('hidden tests: 2 of 2 pass');
    expect(result.stdout + result.stderr).not.toContain('SECRET');
  });

  it('spends no money where the price of the model is unknown', async () => {
    const result = await run(workflowFile, '--task', taskFile, '--json', '--budget-usd', '0.01');
    expect([result.code, last(result)['status']]).toEqual([75, 'budget']);
    expect(last(result)).toMatchObject({ usage: { model_calls: 0 } });
    expect(last(result)['message']).toContain('price');
  });
});

describe('flow run --server', () => {
  it('runs, checks and scores with services that run elsewhere', async () => {
    const result = await runElsewhere(workflowFile, '--task', hiddenTaskFile);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(last(result)).toMatchObject({
      status: 'solved',
      visible: { passed: 2, total: 2 },
      hidden: { passed: 2, total: 2 },
    });
    expect(result.stdout).not.toContain('SECRET');
    expect(await client.processes()).toEqual([]);
  });

  it('uses the prompts of a file, and asks nothing where one is missing', async () => {
    const asked: string[] = [];
    reply = ({ messages }) => {
      asked.push(JSON.stringify(messages));
      return answer('Paris');
    };
    const query = ['--query', 'Capital of France?'];
    const result = await runElsewhere(chainFile, '--prompts', promptsFile, ...query);
    expect(result.code).toBe(0);
    expect(last(result)).toMatchObject({ status: 'solved', answer: 'Paris', usage: { model_calls: 2 } });
    expect(asked.map((messages) => messages.includes('Say it in one word.'))).toEqual([false, true]);
    const without = await runElsewhere(chainFile, ...query);
    expect(without.code).toBe(65);
    expect(without.stderr).toContain('the prompt "ASK" is needed and no prompts are given');
    expect(last(without)).toMatchObject({ diagnostics: [{ code: 'FW109' }] });
    expect(asked).toHaveLength(2);
  });

  it('says which calls followed which, and draws them from the trace', async () => {
    reply = () => answer('Paris');
    const trace = join(home.folder, 'chain.jsonl');
    const result = await runElsewhere(
      ...[chainFile, '--prompts', promptsFile, '--query', 'Q?', '--trace', trace],
    );
    const [first, second] = result.lines.filter(({ event }) => event === 'operator_started');
    expect(first).toMatchObject({ operator: 'custom', follows: [], parent_id: null });
    expect(second).toMatchObject({ operator: 'custom', follows: [first?.['call_id']] });
    expect(second?.['parent_id']).toEqual(expect.stringMatching(/./));
    const graph = await home.run(['graph', trace, '--trace', '--format', 'json']);
    expect(graph.lines[0]).toMatchObject({
      nodes: [
        { id: 'start' },
        { operator: 'custom', line: 7 },
        { operator: 'custom', line: 3 },
        { id: 'end' },
      ],
      clusters: [{ kind: 'function', label: 'ask', children: ['c2'] }],
      edges: [
        { from: 'start', to: 'c1' },
        { from: 'c1', to: 'c2' },
        { from: 'c2', to: 'end' },
      ],
    });
    const drawings = ['dot', 'mermaid', 'svg'].map((format) =>
      home.run(['graph', trace, '--trace', '--format', format]),
    );
    for (const drawing of await Promise.all(drawings)) expect(drawing.stdout).toContain('custom');
    const refused = await home.run(['graph', chainFile, '--trace']);
    expect([refused.code, refused.stdout]).toEqual([64, '']);
  });

  it.each([
    ['math', { math: '2/4' }, '1/2', '0.6'],
    ['question', { text: 'Paris' }, 'Paris', 'Rome'],
  ])(
    'judges answers to a %s task and scores them by the hidden answer',
    async (kind, checks, right, wrong) => {
      const path = await file(`${kind}.json`, {
        ...{ id: kind, kind, problem: 'Which?' },
        ...{ answer_checks: checks, hidden_answer: checks },
      });
      reply = () => answer(right);
      const good = await runElsewhere(singleFile, '--task', path);
      expect([good.code, last(good)]).toMatchObject([
        0,
        { status: 'solved', visible: { passed: 1, total: 1 }, hidden: { passed: 1, total: 1 } },
      ]);
      reply = () => answer(wrong);
      const bad = await runElsewhere(singleFile, '--task', path);
      expect([bad.code, last(bad)]).toMatchObject([
        2,
        { status: 'unsolved', visible: { passed: 0, total: 1 }, hidden: { passed: 0, total: 1 } },
      ]);
    },
  );

  it.each([
    ['5', 0],
    ['3000', 1],
  ])('ends with 75 when its budget of %s tokens is used up, after %d model calls', async (tokens, calls) => {
    // What the first answer leaves is less than what the second may take.
    reply = () => answer('Paris', { usage: { promptTokens: 10, completionTokens: 2_000 } });
    const result = await runElsewhere(
      ...[chainFile, '--prompts', promptsFile, '--query', 'Q?', '--budget-tokens', tokens],
    );
    expect(result.code).toBe(75);
    expect(last(result)).toMatchObject({
      ...{ status: 'budget', stop_reason: 'budget', answer: '', hidden: null },
      usage: { model_calls: calls },
    });
    expect(last(result)['message']).toContain('budget');
  });

  it('ends with 75 at its deadline', async () => {
    reply = () => ({ kind: 'hang' });
    const result = await runElsewhere(workflowFile, '--task', taskFile, '--deadline', '1s');
    expect(result.code).toBe(75);
    expect(last(result)).toMatchObject({ status: 'deadline', stop_reason: 'deadline', answer: '' });
  });

  it('says with 64 which address a task needs besides', async () => {
    const server = addresses('workflow-runner', 'sandbox');
    const result = await home.run([
      ...['run', workflowFile, '--task', hiddenTaskFile, '--json', '--server', server],
    ]);
    expect(result.code).toBe(64);
    expect(last(result)).toMatchObject({ event: 'error', reason: 'ADDRESS_MISSING' });
    expect(last(result)['message']).toContain('reward');
  });

  it('keeps the answer and says why when the hidden tests could not be run', async () => {
    const socket = `unix:${join(elsewhere.folder, 'reward.sock')}`;
    const reward = startApp('reward', {
      env: { FLOW_REWARD_ADDRESS: socket, FLOW_REWARD_SANDBOX_ADDRESS: addresses('sandbox') },
    });
    const probe = createClient(RewardServiceClient, { address: socket });
    try {
      await waitForReady(probe, 30_000);
      // It has taken the tests, and is gone before there is an answer.
      reply = async () => {
        await reward.kill();
        return answer(program('x * 2'));
      };
      const server = `${addresses('workflow-runner', 'sandbox')},${socket}`;
      const result = await home.run([
        ...['run', workflowFile, '--task', hiddenTaskFile, '--json', '--server', server],
      ]);
      expect(result.code).toBe(0);
      expect(last(result)).toMatchObject({ status: 'solved', hidden: null });
      expect(last(result)['message']).toContain('The hidden tests could not be run: ');
    } finally {
      probe.close();
      await reward.kill();
    }
  });
});
