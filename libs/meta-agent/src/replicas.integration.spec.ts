import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MetaAgentServiceClient,
  RunState,
  RunStatus,
  Task,
  type RunEvent,
} from '@flowreasoner/contracts/metaagent';
import { createClient, serverStream, startServer, unary } from '@flowreasoner/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresJournal } from './adapters/journal/postgres-journal.js';
import { startTemporaryPostgres, type TemporaryPostgres } from '@flowreasoner/testing';
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
    costUsd?: number,
  ): Promise<{ names: string[]; errors: unknown[] }> {
    const budget = { costUsd, tokens: undefined, modelCalls: undefined, sandboxMs: undefined };
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
    const first = await createTen('little-money', 0.3);
    expect(first.names).toHaveLength(3);
    for (const error of first.errors) {
      expect(error).toMatchObject({
        code: 'RESOURCE_EXHAUSTED',
        reason: 'TENANT_BUDGET',
        message: 'Tenant little-money may spend $1 a day: $0.1 is left, and the run may take $0.3.',
      });
    }
    // What they did not spend is free again when they end, however that happens.
    await cancelAll(first.names, 'little-money');
    steps = [answered('x')];
    const { names } = await createTen('little-money', 0.3);
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) await watch(replica(0), name, 'little-money');
    // Each spent a tenth of a cent; one that names no budget may take what is left.
    const { run } = await unary(replica(0), 'createRun', request, { tenant: 'little-money' });
    expect(run?.options?.budget?.costUsd).toBeCloseTo(1 - 0.001 * names.length, 9);
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
