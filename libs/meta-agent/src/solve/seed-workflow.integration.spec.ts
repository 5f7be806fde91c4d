import {
  ListRunsRequest,
  RunStatus,
  StopReason,
  type RunEvent,
  type RunOptions,
} from '@flowreasoner/contracts/metaagent';
import { unary } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import type { MetaModel, MetaRequest } from '../policies/meta-model.js';
import { answered } from '../testing/fake-services.js';
import { baseOptions, resultOf, useServiceHarness } from '../testing/service-harness.js';

const own = `class Mine:
    def __init__(self, name, llm_config, dataset):
        self.gen = operator.CustomCodeGenerate(self.llm)
        self.check = operator.Test(self.llm)
    async def __call__(self, problem, entry_point):
        made = await self.gen(problem=problem, entry_point=entry_point)
        tested = await self.check(problem=problem, solution=made["response"], entry_point=entry_point)
        return tested['solution']
`;
const heldCall = 'self.check(problem=problem, solution=made["response"], entry_point=entry_point)';

function options(change: Partial<RunOptions>): RunOptions {
  return { ...baseOptions(), seedWorkflow: own, maxRounds: 4, ...change };
}

function proposals(events: readonly RunEvent[]) {
  return events.flatMap(({ event }) => (event?.$case === 'workflowProposed' ? [event.value] : []));
}

describe("a user's own workflow", () => {
  const harness = useServiceHarness();
  const failing = { run: () => [answered('wrong')], passes: () => 0 };

  it('is the first round, and search changes only what is not held', async () => {
    const { client, fakes } = await harness.start(failing);
    const events = await harness.solve(client, { options: options({ hold: ['test'] }) });
    expect(fakes.runs[0]?.source).toBe(own);
    expect(fakes.runs).toHaveLength(4);
    expect(new Set(fakes.runs.map((each) => each.source)).size).toBe(4);
    expect(fakes.runs.every((each) => each.source.includes(heldCall))).toBe(true);
    expect(proposals(events)[1]?.modification).toMatch(/in the workflow of round 1$/);
  });

  it('runs alone as fixed:seed', async () => {
    const { client, fakes } = await harness.start(failing);
    const result = resultOf(await harness.solve(client, { options: options({ policy: 'fixed:seed' }) }));
    expect(result).toMatchObject({ stopReason: StopReason.STOP_REASON_EXHAUSTED, rounds: 1 });
    expect(fakes.runs.map((each) => each.source)).toEqual([own]);
  });

  it('is what llm improves; it is told what is held, and a proposal that changes that is sent back', async () => {
    const asked: MetaRequest[] = [];
    const meta: MetaModel = {
      takesGrammar: () => Promise.resolve(false),
      complete(request) {
        asked.push(request);
        const broken = own.replace('made["response"]', '"x"');
        const better = own.replace(
          'problem=problem, entry_point=entry_point)\n',
          'problem="Solve: " + problem, entry_point=entry_point)\n',
        );
        return Promise.resolve({ text: asked.length === 1 ? broken : better, reasoning: '', cut: false });
      },
    };
    const { client, fakes } = await harness.start(failing, 4, { meta });
    const events = await harness.solve(client, {
      options: options({ policy: 'llm', hold: ['test'], maxRounds: 2 }),
    });
    expect(asked[0]?.messages[1]?.content).toContain(`with the texts they name\n${heldCall}`);
    expect(proposals(events)[1]?.refusal).toContain('This call has to stay as it is');
    expect(asked[1]?.messages.at(-1)?.content).toContain('This call has to stay as it is');
    expect(fakes.runs[1]?.source).toContain('"Solve: " + problem');
  });

  it.each<[Partial<RunOptions>, string]>([
    [{ hold: ['format'] }, 'the seed workflow has no call format'],
    [{ policy: 'fixed:single' }, 'fixed:single has a workflow of its own'],
    [{ policy: 'fixed:seed', seedWorkflow: '' }, 'needs options.seed_workflow'],
  ])('%j is refused with a sentence before there is a run', async (change, sentence) => {
    const { client } = await harness.start(failing);
    await expect(harness.solve(client, { options: options(change) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(sentence) as string,
    });
    expect((await unary(client, 'listRuns', ListRunsRequest.fromPartial({}))).runs).toEqual([]);
  });

  it('that is not valid ends the run at no cost', async () => {
    const { client, fakes } = await harness.start(failing);
    const events = await harness.solve(client, { options: options({ seedWorkflow: 'class INVALID' }) });
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_UNSOLVED,
      usage: { modelCalls: 0 },
    });
    expect(proposals(events)[0]?.diagnostics[0]?.message).toContain('no workflow class');
    expect(fakes.runs).toEqual([]);
  });

  it.each<[Partial<RunOptions>, string]>([
    [{ seedWorkflow: '', hold: ['test'] }, 'options.hold names operators of options.seed_workflow'],
    [{ hold: ['Test!'] }, 'options.hold[0] must be an operator'],
    [{ hold: Array<string>(65).fill('test') }, 'options.hold must be between 0 and 64'],
    [{ seedWorkflow: 'x'.repeat(131_073) }, 'options.seed_workflow must be at most 131072 bytes'],
  ])('%j is refused at once', async (change, sentence) => {
    const { client } = await harness.start(failing);
    await expect(harness.solve(client, { options: options(change) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(sentence) as string,
    });
  });
});
