import { RunFinished, RunState, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { RoundEvaluated } from '@flowreasoner/contracts/metaagent';
import { ModelRequestFinished, SandboxRequestFinished, type Usage } from '@flowreasoner/contracts/workflow';
import { describe, expect, it } from 'vitest';
import { emptyFold, foldEvents } from './run-fold.js';

const used = (modelCalls: number, costUsd?: number): Usage => ({
  modelCalls,
  promptTokens: modelCalls * 10,
  completionTokens: modelCalls,
  costUsd,
  sandboxMs: 0,
});

function events(...facts: NonNullable<RunEvent['event']>[]): RunEvent[] {
  return facts.map((event, index) => ({
    run: 'runs/r',
    sequence: BigInt(index + 1),
    time: new Date(1_000 * (index + 1)),
    round: 0,
    event,
  }));
}

const created = { $case: 'runCreated', value: { task: undefined, options: undefined } } as const;
const started = { $case: 'runStarted', value: { epoch: 1n } } as const;
const model = (usage: Usage, fromMemo = false): NonNullable<RunEvent['event']> => ({
  $case: 'workflowEvent',
  value: {
    atMs: 0,
    event: { $case: 'modelRequestFinished', value: ModelRequestFinished.fromPartial({ usage, fromMemo }) },
  },
});
const sandbox = (wallMs: number): NonNullable<RunEvent['event']> => ({
  $case: 'workflowEvent',
  value: {
    atMs: 0,
    event: { $case: 'sandboxRequestFinished', value: SandboxRequestFinished.fromPartial({ wallMs }) },
  },
});

describe('the fold of a run', () => {
  it('goes from queued to running to finished', () => {
    const finished = {
      $case: 'runFinished',
      value: RunFinished.fromPartial({ result: { answer: 'a' } }),
    } as const;
    const all = events(created, started, finished);
    expect(foldEvents(all.slice(0, 1)).run).toMatchObject({
      name: 'runs/r',
      state: RunState.RUN_STATE_QUEUED,
      createTime: new Date(1_000),
      lastSequence: 1n,
    });
    expect(foldEvents(all.slice(0, 2)).run.state).toBe(RunState.RUN_STATE_RUNNING);
    expect(foldEvents(all).run).toMatchObject({
      state: RunState.RUN_STATE_FINISHED,
      result: { answer: 'a' },
      endTime: new Date(3_000),
      lastSequence: 3n,
    });
  });

  it('counts requests as they end, and takes the total of a round when that ends', () => {
    const round = RoundEvaluated.fromPartial({ usage: { ...used(5, 0.5), sandboxMs: 70 } });
    const all = events(created, started, model(used(1, 0.1)), model(used(9, 0.9), true), sandbox(40), {
      $case: 'roundEvaluated',
      value: round,
    });
    expect(foldEvents(all.slice(0, 5)).run.usage).toEqual({ ...used(1, 0.1), sandboxMs: 40 });
    expect(foldEvents(all).run).toMatchObject({ rounds: 1, usage: { ...used(5, 0.5), sandboxMs: 70 } });
    const more = foldEvents([...all, ...events(created, started, model(used(2, 0.2))).slice(2)]);
    expect(more.run.usage).toMatchObject({ modelCalls: 7, costUsd: 0.7 });
  });

  it('has an unknown cost as soon as one price is unknown', () => {
    const all = events(created, model(used(1, 0.1)), model(used(1)), model(used(1, 0.1)));
    expect(foldEvents(all).run.usage?.costUsd).toBeUndefined();
  });

  it('gives the same in one go and step by step', () => {
    const all = events(created, started, model(used(1, 0.1)), sandbox(3), model(used(2, 0)));
    const stepwise = all.reduce((fold, event) => foldEvents([event], fold), emptyFold);
    expect(stepwise).toEqual(foldEvents(all));
  });

  it('reads events of later versions without harm', () => {
    const [first] = events(created);
    if (first === undefined) throw new Error('no event');
    const fold = foldEvents([first, { ...first, sequence: 2n, event: undefined }]);
    expect(fold.run).toMatchObject({ state: RunState.RUN_STATE_QUEUED, lastSequence: 2n });
  });
});
