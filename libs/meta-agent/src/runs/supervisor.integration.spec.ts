import { RunState } from '@flowreasoner/contracts/metaagent';
import { unary } from '@flowreasoner/rpc';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { answered, type FakeStep } from '../testing/fake-services.js';
import { eventNames, resultOf, task, useServiceHarness } from '../testing/service-harness.js';

describe('the supervisor', () => {
  const harness = useServiceHarness();

  it('begins twelve runs at a time: others when those send a request or take a second', async () => {
    const clock = createFakeClock();
    const request = { callId: '/1', requestId: '', model: 'm', reserved: undefined };
    const sends = { $case: 'modelRequestStarted', value: request } as const;
    let hangs = true;
    const run = (): FakeStep[] => (hangs ? ['hang'] : [sends, 'hang']);
    const { client, fakes } = await harness.start({ run }, 64, { clock });
    const create = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          unary(client, 'createRun', { requestId: '', task, options: undefined }, { tenant: harness.tenant }),
        ),
      );
    const haveBegun = (count: number) =>
      expect.poll(() => fakes.runs.length, { timeout: 10_000 }).toBe(count);
    const cancelOneThatWaits = async (): Promise<void> => {
      const [waiting] = (await harness.list(client, { state: RunState.RUN_STATE_QUEUED })).runs;
      const name = waiting?.name ?? '';
      await unary(client, 'cancelRun', { name }, { tenant: harness.tenant });
      const events = await harness.watch(client, name);
      expect(resultOf(events).reason).toBe('RUN_CANCELLED');
      expect(eventNames(events)).not.toContain('workflowProposed');
    };
    await create(28);
    await haveBegun(12);
    await cancelOneThatWaits();
    expect(fakes.runs).toHaveLength(12);
    await clock.advance(1_000);
    await haveBegun(24);
    await cancelOneThatWaits();
    expect(fakes.runs).toHaveLength(24);
    hangs = false;
    await clock.advance(1_000);
    await haveBegun(26);
    await create(20);
    await haveBegun(46);
  });

  it('begins anew with a run whose job comes back to the process that is at work on it', async () => {
    const run = (_: unknown, index: number): FakeStep[] => (index === 0 ? ['hang'] : [answered('4')]);
    const { client, fakes } = await harness.start({ run });
    const solving = harness.solve(client);
    await expect.poll(() => fakes.runs.length).toBe(1);
    const [before] = (await harness.list(client)).runs;
    const runId = before?.name.slice('runs/'.length) ?? '';
    await harness.journal.queue.giveBack({ runId, attempt: 0 });
    const events = await solving;
    expect(resultOf(events)).toMatchObject({ answer: '4', reason: '' });
    expect(eventNames(events).filter((name) => name === 'runStarted')).toHaveLength(2);
    expect(fakes.cancelled).toBe(1);
  });
});
