import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MetaAgentServiceClient,
  RunOptions,
  RunStatus,
  StopReason,
  Task,
  type RunEvent,
  type RunResult,
} from '@flowreasoner/contracts/metaagent';
import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { Suite } from '@flowreasoner/contracts/sandbox';
import { createClient, serverStream, unary, waitForReady } from '@flowreasoner/rpc';
import {
  startApp,
  startScriptedModelServer,
  type AppProcess,
  type ScriptedModelServer,
  type ScriptedRequest,
} from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const readyMs = 90_000;
const problem = `def double(x):
    """ Doubles a number.
    >>> double(2)
    4
    >>> double(-3)
    -6
    """
`;
const right = '```python\ndef double(x):\n    return 2 * x\n```';
const wrong = '```python\ndef double(x):\n    return x * x\n```';

let folder: string;
let models: ScriptedModelServer;
let reply: (request: ScriptedRequest, index: number) => string = () => right;
const children: AppProcess[] = [];
let client: MetaAgentServiceClient;
let reward: RewardServiceClient;

function address(app: string): string {
  return `unix:${join(folder, `${app}.sock`)}`;
}

function start(app: string, env: Record<string, string> = {}): AppProcess {
  const prefix = `FLOW_${app.toUpperCase().replaceAll('-', '_')}`;
  const child = startApp(app, {
    env: {
      FLOW_MODEL_ENDPOINTS: JSON.stringify([
        {
          name: 'scripted',
          baseUrl: models.baseUrl,
          local: true,
          defaultModel: 'scripted',
          grammarStyle: 'none',
          promptStyle: 'chat',
        },
        { name: 'down', baseUrl: 'http://127.0.0.1:9/v1', local: true, defaultModel: 'x', maxRetries: 0 },
      ]),
      [`${prefix}_ADDRESS`]: address(app),
      ...env,
    },
  });
  children.push(child);
  return child;
}

function startMetaAgent(): AppProcess {
  return start('meta-agent', {
    FLOW_META_AGENT_DATA_FOLDER: join(folder, 'data'),
    FLOW_META_AGENT_WORKFLOW_RUNNER_ADDRESS: address('workflow-runner'),
    FLOW_META_AGENT_SANDBOX_ADDRESS: address('sandbox'),
    FLOW_META_AGENT_REWARD_ADDRESS: address('reward'),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-'));
  models = await startScriptedModelServer({
    script: (request) => ({ kind: 'answer', text: reply(request, request.index) }),
  });
  start('sandbox');
  start('workflow-runner', { FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: address('sandbox') });
  start('reward', { FLOW_REWARD_SANDBOX_ADDRESS: address('sandbox') });
  startMetaAgent();
  client = createClient(MetaAgentServiceClient, { address: address('meta-agent') });
  reward = createClient(RewardServiceClient, { address: address('reward') });
  await Promise.all([waitForReady(client, readyMs), waitForReady(reward, readyMs)]);
});

afterAll(async () => {
  client.close();
  reward.close();
  for (const child of children) await child.kill();
  await models.close();
  await rm(folder, { recursive: true });
});

async function solve(task: Partial<Task>, change: Partial<RunOptions> = {}): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const options = { ...RunOptions.fromPartial({}), maxRounds: 4, deadlineMs: 60_000, seed: 1, ...change };
  const request = {
    requestId: '',
    task: Task.fromPartial({ problem, ...task }),
    options,
    streamTokens: false,
  };
  const stream = serverStream(client, 'solve', request, { deadlineMs: 60_000 });
  for await (const { event } of stream) if (event !== undefined) events.push(event);
  return events;
}

function resultOf(events: readonly RunEvent[]): RunResult {
  const last = events.at(-1)?.event;
  if (last?.$case !== 'runFinished' || last.value.result === undefined)
    throw new Error('the run has no result');
  return last.value.result;
}

describe('the meta-agent with real services', () => {
  it('solves an easy query with one model call', async () => {
    reply = () => right;
    const before = models.counts().received;
    const result = resultOf(await solve({}));
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_ALL_CHECKS_PASS,
      visible: { passed: 2, total: 2 },
      usage: { modelCalls: 1, costUsd: 0 },
    });
    expect(result.answer).toContain('return 2 * x');
    expect(models.counts().received - before).toBe(1);
  });

  it.each(['search', 'llm'])(
    'solves by %s over several rounds, and has the hidden tests scored',
    async (policy) => {
      const first = models.counts().received;
      let designs = 0;
      reply = (request, index) => {
        if (String(request.body.messages[0]?.content).startsWith('You design')) return design(designs++);
        return index < first + 2 ? wrong : right;
      };
      const suite = Suite.fromPartial({
        suite: { $case: 'function', value: { entryPoint: 'double', asserts: ['assert double(21) == 42'] } },
      });
      const put = await unary(reward, 'putTask', {
        requestId: '',
        hiddenTests: suite,
        visibleChecks: undefined,
        referenceSolution: Buffer.from('def double(x):\n    return 2 * x\n'),
        allowSharedProcess: false,
        answerChecks: undefined,
      });
      const events = await solve({ rewardTask: put.task }, { policy });
      const result = resultOf(events);
      expect(result).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, hidden: { passed: 1, total: 1 } });
      expect(result.bestRound).toBeGreaterThan(1);
      expect(result.usage?.modelCalls).toBe(models.counts().received - first);
    },
  );

  it('says that a model is down', async () => {
    const worker = { endpoint: 'down', model: '' };
    const result = resultOf(await solve({}, { worker }));
    expect(result).toMatchObject({ status: RunStatus.RUN_STATUS_UNAVAILABLE, answer: '' });
    expect(result.message).toContain('down');
    expect(result.hint).not.toBe('');
  });

  it('goes on with the run that it worked on when it was killed', async () => {
    reply = () => wrong;
    const created = await unary(client, 'createRun', {
      requestId: '',
      task: Task.fromPartial({ problem }),
      options: { ...RunOptions.fromPartial({}), maxRounds: 50 },
    });
    const agent = children.at(-1);
    if (agent === undefined) throw new Error('no meta-agent was started');
    await agent.kill();
    reply = () => right;
    startMetaAgent();
    // The old channel may not have noticed yet that its server is gone.
    client.close();
    client = createClient(MetaAgentServiceClient, { address: address('meta-agent') });
    await waitForReady(client, readyMs);
    const events: RunEvent[] = [];
    const request = { name: created.run?.name ?? '', afterSequence: 0n, streamTokens: false };
    for await (const { event } of serverStream(client, 'watchRun', request, { deadlineMs: 60_000 })) {
      if (event !== undefined) events.push(event);
    }
    expect(resultOf(events).status).toBe(RunStatus.RUN_STATUS_SOLVED);
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_, index) => index + 1));
  });
});

/** First something that can't be run, then a workflow. */
function design(index: number): string {
  if (index === 0) return 'I would rather talk about the weather.';
  return `<think>Twice as careful.</think><modification>review it</modification>
<graph>
class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create(llm_config)
        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)

    async def __call__(self, problem: str, entry_point: str):
        solution = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction=prompt_custom.CARE)
        return solution['response']
</graph>
<prompt>
CARE = """Be careful."""
</prompt>`;
}
