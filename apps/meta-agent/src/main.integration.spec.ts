import { RunOptions, RunStatus, StopReason, Task, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { Suite } from '@flowreasoner/contracts/sandbox';
import { serverStream, unary } from '@flowreasoner/rpc';
import type { ScriptedRequest } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf, startLocalServices, type LocalServices } from './testing/local-services.js';

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

let services: LocalServices;
let reply: (request: ScriptedRequest, index: number) => string = () => right;

beforeAll(async () => {
  const down = {
    name: 'down',
    baseUrl: 'http://127.0.0.1:9/v1',
    local: true,
    defaultModel: 'x',
    maxRetries: 0,
  };
  services = await startLocalServices(
    (request) => ({ kind: 'answer', text: reply(request, request.index) }),
    { withReward: true, endpoint: { local: true, prices: undefined }, others: [down] },
  );
});

afterAll(() => services.stop());

async function solve(task: Partial<Task>, change: Partial<RunOptions> = {}): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const options = { ...RunOptions.fromPartial({}), maxRounds: 4, deadlineMs: 60_000, seed: 1, ...change };
  const request = {
    requestId: '',
    task: Task.fromPartial({ problem, ...task }),
    options,
    streamTokens: false,
  };
  const stream = serverStream(services.client, 'solve', request, { deadlineMs: 60_000 });
  for await (const { event } of stream) if (event !== undefined) events.push(event);
  return events;
}

describe('the meta-agent with real services', () => {
  it('solves an easy query with one model call', async () => {
    reply = () => right;
    const before = services.models.counts().received;
    const result = resultOf(await solve({}));
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_ALL_CHECKS_PASS,
      visible: { passed: 2, total: 2 },
      usage: { modelCalls: 1, costUsd: 0 },
    });
    expect(result.answer).toContain('return 2 * x');
    expect(services.models.counts().received - before).toBe(1);
  });

  it.each(['search', 'llm'])(
    'solves by %s over several rounds, and has the hidden tests scored',
    async (policy) => {
      const first = services.models.counts().received;
      let designs = 0;
      reply = (request, index) => {
        if (String(request.body.messages[0]?.content).startsWith('You design')) return design(designs++);
        return index < first + 2 ? wrong : right;
      };
      const suite = Suite.fromPartial({
        suite: { $case: 'function', value: { entryPoint: 'double', asserts: ['assert double(21) == 42'] } },
      });
      const put = await unary(services.reward, 'putTask', {
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
      // A request counts for each of the samples that it draws.
      const drawn = services.models.requests.slice(first).map(({ body }) => Number(body.n ?? 1));
      expect(result.usage?.modelCalls).toBe(drawn.reduce((sum, samples) => sum + samples, 0));
    },
  );

  it('says that a model is down', async () => {
    const worker = { endpoint: 'down', model: '' };
    const result = resultOf(await solve({}, { worker }));
    expect(result).toMatchObject({ status: RunStatus.RUN_STATUS_UNAVAILABLE, answer: '' });
    expect(result.message).toContain("Endpoint 'down'");
    expect(result.message).toContain('Check that a model server runs at');
  });

  it('goes on with the run that it worked on when it was killed', async () => {
    reply = () => wrong;
    const name = await services.create({ problem }, { maxRounds: 50 });
    await services.restart(() => {
      reply = () => right;
    });
    const events: RunEvent[] = [];
    for await (const event of services.watch(name)) events.push(event);
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
