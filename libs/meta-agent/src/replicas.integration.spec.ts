import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ListRunsRequest,
  MetaAgentServiceClient,
  RunState,
  RunStatus,
  Task,
  type RunEvent,
} from '@flowreasoner/contracts/metaagent';
import type { Budget } from '@flowreasoner/contracts/workflow';
import { createClient, serverStream, startServer, unary } from '@flowreasoner/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresJournal } from './adapters/journal/postgres-journal.js';
import { createSeededRandom, startTemporaryPostgres, type TemporaryPostgres } from '@flowreasoner/testing';
import { answered, startFakeServices, type FakeServices, type FakeStep } from './testing/fake-services.js';
import type { TenantQuota } from './ports.js';
import { createMetaAgentService } from './service.js';
import { baseOptions } from './testing/service-harness.js';

describe('two replicas on one Postgres', () => {
  let postgres: TemporaryPostgres;
  let fakes: FakeServices;
  let steps: readonly FakeStep[] = [];
  const quotas: Readonly<Record<string, TenantQuota>> = {
    'few-runs': { runsAtOnce: 3 },
    'little-money': { usdPerDay: 1 },
    'few-tokens': { tokensPerDay: 1_000, modelCallsPerDay: 100, sandboxSecondsPerDay: 60 },
  };
  const closers: (() => Promise<void>)[] = [];
  let clients: MetaAgentServiceClient[] = [];

  beforeAll(async () => {
    postgres = await startTemporaryPostgres();
    fakes = await startFakeServices({ run: () => steps });
    clients = [await startReplica(), await startReplica()];
  });
  afterAll(async () => {
    for (const close of closers) await close();
    await fakes.stop();
    await postgres.stop();
  });

  async function startReplica(): Promise<MetaAgentServiceClient> {
    const journal = await openPostgresJournal({ url: postgres.url });
    const { workflows, sandbox } = fakes;
    const handle = await createMetaAgentService({
      journal,
      workflows,
      sandbox,
      defaults: { policy: 'search' },
      quotaOf: (tenant) => quotas[tenant] ?? {},
    });
    const server = await startServer({
      address: `unix:${join(tmpdir(), `flow-replica-${randomBytes(6).toString('hex')}.sock`)}`,
      services: handle.services,
      reflection: false,
    });
    const client = createClient(MetaAgentServiceClient, { address: server.address });
    closers.push(async () => {
      client.close();
      await handle.close();
      await server.drain(0);
      await journal.close();
    });
    return client;
  }

  const request = {
    requestId: '',
    task: Task.fromPartial({ problem: 'def f(x):\n    """f(1) == 1"""\n' }),
    options: undefined,
  };

  function replica(index: number): MetaAgentServiceClient {
    const client = clients[index];
    if (client === undefined) throw new Error('that replica was not started');
    return client;
  }

  async function watch(
    client: MetaAgentServiceClient,
    name: string,
    tenant = 'default',
  ): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const watched = { name, afterSequence: 0n, streamTokens: false };
    for await (const { event } of serverStream(client, 'watchRun', watched, { tenant })) {
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  it('show a run to watchers of either, each event once', async () => {
    steps = [answered('x')];
    const created = await unary(replica(0), 'createRun', request);
    const name = created.run?.name ?? '';
    const [here, there] = await Promise.all([watch(replica(0), name), watch(replica(1), name)]);
    expect(there).toEqual(here);
    expect(there.map((event) => Number(event.sequence))).toEqual(there.map((_, index) => index + 1));
    expect(there.at(-1)?.event?.$case).toBe('runFinished');
  });

  it('give every event once to watchers that break off anywhere and go on at the other one', async () => {
    const value = { callId: '/1', errorType: '', message: '', resultJson: 'x'.repeat(1_000) };
    const length = 1_500;
    steps = [...Array.from({ length }, () => ({ $case: 'operatorFinished', value }) as const), answered('x')];
    const random = createSeededRandom(1);
    const created = await unary(replica(0), 'createRun', request);
    const name = created.run?.name ?? '';
    // This one takes an event and reads no more until the run has ended.
    const slow = watchFrom(replica(1), name, 0n);
    const slowly = [(await slow.next()).value];
    const wanderers = await Promise.all(
      Array.from({ length: 6 }, (_, first) => wander(name, first, () => 1 + Math.floor(random() * 200))),
    );
    const whole = await watch(replica(0), name);
    for await (const event of slow) slowly.push(event);
    expect(whole.length).toBeGreaterThan(length);
    expect(whole.map(({ sequence }) => Number(sequence))).toEqual(whole.map((_, index) => index + 1));
    for (const events of [...wanderers, slowly]) expect(events).toEqual(whole);
  });

  async function* watchFrom(
    client: MetaAgentServiceClient,
    name: string,
    afterSequence: bigint,
  ): AsyncGenerator<RunEvent, undefined> {
    const watched = { name, afterSequence, streamTokens: false };
    for await (const { event } of serverStream(client, 'watchRun', watched)) {
      if (event !== undefined) yield event;
    }
  }

  /** Watches a run to its end, now at this replica and now at that one, a few events at a time. */
  async function wander(name: string, first: number, few: () => number): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for (let at = first; events.at(-1)?.event?.$case !== 'runFinished'; at++) {
      const enough = events.length + few();
      for await (const event of watchFrom(replica(at % 2), name, events.at(-1)?.sequence ?? 0n)) {
        events.push(event);
        if (events.length >= enough) break;
      }
    }
    return events;
  }

  it('show a run to its tenant alone, at either', async () => {
    steps = ['hang'];
    const created = await unary(replica(0), 'createRun', request, { tenant: 'owner' });
    const name = created.run?.name ?? '';
    const other = { tenant: 'another' };
    const missing = { code: 'NOT_FOUND', reason: 'RUN_NOT_FOUND' };
    for (const client of clients) {
      await expect(unary(client, 'getRun', { name }, other)).rejects.toMatchObject(missing);
      await expect(unary(client, 'cancelRun', { name }, other)).rejects.toMatchObject(missing);
      await expect(watch(client, name, 'another')).rejects.toMatchObject(missing);
      const listed = await unary(client, 'listRuns', ListRunsRequest.fromPartial({ pageSize: 100 }), other);
      expect(listed.runs).toEqual([]);
      const run = (await unary(client, 'getRun', { name }, { tenant: 'owner' })).run;
      expect(run?.state).not.toBe(RunState.RUN_STATE_FINISHED);
    }
    await cancelAll([name], 'owner');
  });

  it('carry a wish to cancel to the one that works on the run', async () => {
    steps = ['hang'];
    const before = fakes.runs.length;
    const created = await unary(replica(0), 'createRun', request);
    const name = created.run?.name ?? '';
    await expect.poll(() => fakes.runs.length).toBe(before + 1);
    const watching = watch(replica(1), name);
    await unary(replica(1), 'cancelRun', { name });
    const last = (await watching).at(-1)?.event;
    expect(last).toMatchObject({
      $case: 'runFinished',
      value: { result: { status: RunStatus.RUN_STATUS_CANCELLED, reason: 'RUN_CANCELLED' } },
    });
  });

  /** Creates ten runs at once, through both replicas: names of those that were taken, and errors. */
  async function createTen(
    tenant: string,
    limits: Partial<Budget> = {},
  ): Promise<{ names: string[]; errors: unknown[] }> {
    const none = { costUsd: undefined, tokens: undefined, modelCalls: undefined, sandboxMs: undefined };
    const budget: Budget = { ...none, ...limits };
    const asked = { ...request, options: { ...baseOptions(), budget } };
    const created = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => unary(replica(index % 2), 'createRun', asked, { tenant })),
    );
    return {
      names: created.flatMap((each) => (each.status === 'fulfilled' ? (each.value.run?.name ?? '') : [])),
      errors: created.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])),
    };
  }

  async function cancelAll(names: readonly string[], tenant: string): Promise<void> {
    for (const name of names) await unary(replica(0), 'cancelRun', { name }, { tenant });
    const state = async (name: string) =>
      (await unary(replica(0), 'getRun', { name }, { tenant })).run?.state;
    for (const name of names) {
      await expect.poll(() => state(name), { timeout: 10_000 }).toBe(RunState.RUN_STATE_FINISHED);
    }
  }

  it('let a tenant have as many runs at once as its quota says, and no more', async () => {
    steps = ['hang'];
    const { names, errors } = await createTen('few-runs');
    expect(names).toHaveLength(3);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'TENANT_RUNS' });
    }
    await cancelAll(names, 'few-runs');
    expect((await createTen('few-runs')).names).toHaveLength(3);
    expect((await createTen('other')).names).toHaveLength(10);
  });

  it('let a tenant reserve as much money a day as its quota says, and no more', async () => {
    steps = ['hang'];
    const first = await createTen('little-money', { costUsd: 0.3 });
    expect(first.names).toHaveLength(3);
    for (const error of first.errors) {
      expect(error).toMatchObject({
        code: 'RESOURCE_EXHAUSTED',
        reason: 'TENANT_BUDGET',
        message: 'Tenant little-money may use $1 a day: $0.1 left, and the run may take $0.3.',
      });
    }
    // What they did not spend is free again when they end, however that happens.
    await cancelAll(first.names, 'little-money');
    steps = [answered('x')];
    const { names } = await createTen('little-money', { costUsd: 0.3 });
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) await watch(replica(0), name, 'little-money');
    // Each spent a tenth of a cent; one that names no budget may take what is left.
    const { run } = await unary(replica(0), 'createRun', request, { tenant: 'little-money' });
    expect(run?.options?.budget?.costUsd).toBeCloseTo(1 - 0.001 * names.length, 9);
  });

  it('let a tenant reserve as many tokens, model calls and sandbox seconds a day as its quota says', async () => {
    steps = ['hang'];
    const limits = { tokens: 300, modelCalls: 10, sandboxMs: 1_000 };
    const first = await createTen('few-tokens', limits);
    expect(first.names).toHaveLength(3);
    expect(first.errors[0]).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'TENANT_BUDGET',
      message:
        'Tenant few-tokens may use 1000 tokens a day: 100 tokens left, and the run may take 300 tokens.',
    });
    await cancelAll(first.names, 'few-tokens');
    // What is used counts, whatever was reserved.
    const usage = {
      modelCalls: 1,
      promptTokens: 100,
      completionTokens: 20,
      costUsd: 0.001,
      sandboxMs: 2_000,
    };
    steps = [answered('x', { usage })];
    for (let count = 0; count < 3; count++) {
      const { run } = await unary(
        replica(0),
        'createRun',
        {
          ...request,
          requestId: `tokens-${count}`,
          options: { ...baseOptions(), budget: { costUsd: undefined, ...limits } },
        },
        { tenant: 'few-tokens' },
      );
      await watch(replica(1), run?.name ?? '', 'few-tokens');
    }
    steps = ['hang'];
    const { run } = await unary(replica(0), 'createRun', request, { tenant: 'few-tokens' });
    expect(run?.options?.budget).toEqual({
      costUsd: undefined,
      tokens: 1_000 - 3 * 120,
      modelCalls: 100 - 3,
      sandboxMs: 60_000 - 3 * 2_000,
    });
    await expect(unary(replica(1), 'createRun', request, { tenant: 'few-tokens' })).rejects.toMatchObject({
      reason: 'TENANT_BUDGET',
    });
    await cancelAll([run?.name ?? ''], 'few-tokens');
  });

  it('create one run for a request id that both get at once', async () => {
    steps = [answered('x')];
    const once = { ...request, requestId: 'both' };
    const names = await Promise.all(
      Array.from(
        { length: 10 },
        async (_, index) => (await unary(replica(index % 2), 'createRun', once)).run?.name,
      ),
    );
    expect(new Set(names).size).toBe(1);
  });
});
