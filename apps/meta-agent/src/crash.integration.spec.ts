import { setTimeout as delay } from 'node:timers/promises';
import { RunStatus, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { createSeededRandom } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Cluster,
  createRun,
  eventsOf,
  getRun,
  isFinished,
  untilEvent,
  type Replica,
} from './testing/cluster.js';
import { checkJournal, timesSeen } from './testing/journal-checks.js';
import { resultOf } from './testing/local-services.js';
import { problemOf, slowAnswer } from './testing/slow-model.js';

const full = process.env['FLOW_FULL'] === '1';
/** How long a replica is paused at least, in milliseconds: longer than its peers wait for a sign of life. */
const pauseMs = full ? 60_000 : 0;
// Runs that lose their owner at a moment of their own.
const moments = full ? 50 : 4;
const runsAtOnce = 6;
const seed = Number(process.env['FLOW_SEED'] ?? 1);
const limitMs = full ? 1_800_000 : 180_000;

describe('runs whose owner is lost', { timeout: limitMs }, () => {
  let cluster: Cluster;
  // Answers wait for it.
  let gate: Promise<void> | undefined;
  let replicas: [Replica, Replica];
  beforeAll(async () => {
    cluster = await Cluster.start(async (request) => {
      await gate;
      return slowAnswer(request);
    });
    replicas = [await cluster.startReplica(), await cluster.startReplica()];
  });
  afterAll(() => cluster.stop());

  /** Checks everything that must hold of a run that may have been interrupted, and counts its owners. */
  function check(events: readonly RunEvent[], tag: string): ReturnType<typeof checkJournal> {
    const counts = checkJournal(events);
    const seen = timesSeen(cluster.models, tag);
    const repeated = seen.filter((times) => times > 1);
    // Each loss of an owner repeats at most what was in flight: here at most three requests.
    expect(Math.max(...seen), tag).toBeLessThanOrEqual(counts.owners);
    expect(repeated.length, tag).toBeLessThanOrEqual(3 * (counts.owners - 1));
    expectUnsolved(events, tag);
    return counts;
  }

  /** The run came to its own end, and each request that the model server saw is counted, in flight or not. */
  function expectUnsolved(events: readonly RunEvent[], tag: string): void {
    const last = events.at(-1)?.event;
    if (last?.$case !== 'runFinished') throw new Error('the run has not ended');
    expect(last.value.result).toMatchObject({ status: RunStatus.RUN_STATUS_UNSOLVED, rounds: 5 });
    const asked = timesSeen(cluster.models, tag).reduce((sum, times) => sum + times, 0);
    expect(last.value.result?.usage?.modelCalls).toBeGreaterThanOrEqual(asked);
  }

  it(`finish when their replica is killed, at ${moments} moments`, async () => {
    const random = createSeededRandom(seed);
    let lost = 0;
    for (let kill = 0; lost < moments; kill++) {
      const doomed = kill % 2;
      const tags = Array.from({ length: runsAtOnce }, (_, index) => `kill${kill}run${index}end`);
      const names = await Promise.all(
        tags.map((tag, index) =>
          createRun(replicas[index % 2 === 0 ? 0 : 1], problemOf(tag), {
            policy: index % 3 === 0 ? 'llm' : 'search',
            maxRounds: 5,
            seed: index,
          }),
        ),
      );
      const before = cluster.models.counts().received;
      const wait = 1 + Math.floor(random() * 8 * runsAtOnce);
      await cluster.models.until(({ received }) => received >= before + wait);
      await replicas[doomed]?.process.kill();
      replicas[doomed] = await cluster.startReplica();
      const journals = await Promise.all(
        names.map((name) => eventsOf(replicas[1 - doomed] as Replica, name)),
      );
      journals.forEach((events, index) => {
        lost += check(events, tags[index] ?? '').owners - 1;
      });
    }
  });

  it('count the sandbox request that was in flight when their replica was killed', async () => {
    const tag = 'sandboxslowend';
    await replicas[1].process.stop();
    const name = await createRun(replicas[0], problemOf(tag), { policy: 'search', maxRounds: 1 });
    await untilEvent(replicas[0], name, 'evaluationRequestStarted');
    await replicas[0].process.kill();
    replicas = [await cluster.startReplica(), await cluster.startReplica()];
    const events = await eventsOf(replicas[1], name);
    const counts = checkJournal(events);
    expect([counts.owners, counts.sandboxBrokenOff]).toEqual([2, 1]);
    const ended = events.flatMap(({ event }) =>
      event?.$case === 'evaluationRequestFinished' ? [event.value] : [],
    );
    // First the one that was cut off, with the most that it can have taken, then the same again.
    expect(ended.map(({ wallMs }) => wallMs)).toEqual([
      15_000,
      expect.toSatisfy((ms: number) => ms < 15_000),
    ]);
    expect(resultOf(events).usage?.sandboxMs).toBe(ended.reduce((sum, { wallMs }) => sum + wallMs, 0));
  });

  it('write nothing from a replica that was only paused, which stops its calls', async () => {
    const tag = 'pausedend';
    await replicas[1].process.stop();
    const name = await createRun(replicas[0], problemOf(tag), { policy: 'llm', maxRounds: 5 });
    await cluster.models.until(() => timesSeen(cluster.models, tag).length >= 3);
    const { promise, resolve: open } = Promise.withResolvers<void>();
    gate = promise;
    const [owner, other] = [replicas[0], await cluster.startReplica()];
    replicas[1] = other;
    expect(isFinished(await getRun(owner, name))).toBe(false);
    owner.process.child.kill('SIGSTOP');
    const paused = delay(pauseMs);
    open();
    const events = await eventsOf(other, name);
    expect(check(events, tag).owners).toBe(2);
    const asked = cluster.models.counts().received;
    await paused;
    owner.process.child.kill('SIGCONT');
    await expect
      .poll(() => owner.process.logs(), { timeout: 20_000 })
      .toContain('owned by somebody else now');
    expect(await eventsOf(owner, name)).toEqual(events);
    expect(cluster.models.counts().received).toBe(asked);
  });

  it.each(['workflow-runner', 'sandbox'] as const)(
    'finish when the %s is killed and started again',
    async (app) => {
      const tag = `${app}end`;
      const name = await createRun(replicas[0], problemOf(tag), { policy: 'llm', maxRounds: 5 });
      for (const requests of [2, 6]) {
        await cluster.models.until(() => timesSeen(cluster.models, tag).length >= requests);
        await cluster.killService(app);
        cluster.startService(app);
      }
      const events = await eventsOf(replicas[1], name);
      const counts = checkJournal(events);
      expect(counts.owners).toBe(1);
      expectUnsolved(events, tag);
    },
  );

  it('finish when Postgres is killed and started again', async () => {
    const tags = ['postgres0end', 'postgres1end', 'postgres2end'];
    const names = await Promise.all(
      tags.map((tag, index) =>
        createRun(replicas[index % 2 === 0 ? 0 : 1], problemOf(tag), {
          policy: 'llm',
          maxRounds: 5,
          seed: index,
        }),
      ),
    );
    for (const requests of [2, 6]) {
      await cluster.models.until(() => timesSeen(cluster.models, tags[0] ?? '').length >= requests);
      await cluster.postgres.restart();
    }
    const journals = await Promise.all(names.map((name) => finishedEvents(replicas[0], name)));
    journals.forEach((events, index) => check(events, tags[index] ?? ''));
  });

  it('go on elsewhere when their replica is asked to stop', async () => {
    const tag = 'stoppedend';
    await replicas[1].process.stop();
    const name = await createRun(replicas[0], problemOf(tag), { policy: 'search', maxRounds: 5 });
    await cluster.models.until(() => timesSeen(cluster.models, tag).length >= 2);
    replicas[1] = await cluster.startReplica();
    expect(await replicas[0].process.stop()).toBe(0);
    const events = await eventsOf(replicas[1], name);
    check(events, tag);
  });
});

/** Every event of a run once it has ended, whatever breaks the watching off meanwhile. */
async function finishedEvents(replica: Replica, name: string): Promise<RunEvent[]> {
  for (;;) {
    try {
      return await eventsOf(replica, name);
    } catch (error) {
      if (!(error instanceof FlowError) || error.code !== 'UNAVAILABLE') throw error;
    }
  }
}
