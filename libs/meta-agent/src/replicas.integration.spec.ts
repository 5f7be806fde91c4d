import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetaAgentServiceClient, RunStatus, Task, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { createClient, serverStream, startServer, unary } from '@flowreasoner/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresJournal } from './adapters/journal/postgres-journal.js';
import { startTemporaryPostgres, type TemporaryPostgres } from '@flowreasoner/testing';
import { answered, startFakeServices, type FakeServices, type FakeStep } from './testing/fake-services.js';
import { createMetaAgentService } from './service.js';

describe('two replicas on one Postgres', () => {
  let postgres: TemporaryPostgres;
  let fakes: FakeServices;
  let steps: readonly FakeStep[] = [];
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

  async function watch(client: MetaAgentServiceClient, name: string): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const { event } of serverStream(client, 'watchRun', {
      name,
      afterSequence: 0n,
      streamTokens: false,
    })) {
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
