import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MetaAgentServiceClient,
  Task,
  ListRunsRequest,
  type ListRunsResponse,
  type RunEvent,
  RunOptions,
  type RunResult,
  type SolveRequest,
} from '@flowreasoner/contracts/metaagent';
import { createClient, serverStream, startServer, unary } from '@flowreasoner/rpc';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { openPgliteJournal } from '../adapters/journal/pglite-journal.js';
import type { Journal } from '../ports.js';
import { foldEvents } from '../runs/run-fold.js';
import {
  createMetaAgentService,
  metaAgentDeadlinesMs,
  type MetaAgentServiceHandle,
  type MetaAgentServiceOptions,
} from '../service.js';
import { startFakeServices, type FakeBehaviour, type FakeServices } from './fake-services.js';

/** A query with two examples in its docstring. */
export const problem = `def add(a, b):
    """ Adds.
    >>> add(1, 2)
    3
    >>> add(2, 2)
    4
    """
`;

/** That query as a task. */
export const task = Task.fromPartial({ problem });

/** A service at work. */
export interface StartedService {
  readonly client: MetaAgentServiceClient;
  readonly handle: MetaAgentServiceHandle;
  readonly fakes: FakeServices;
}

/** Starts meta-agent services on one PGlite store; each test has a tenant of its own. Tests only. */
export class ServiceHarness {
  tenant = '';
  #journal: Journal | undefined;
  #folder = '';
  #sockets = 0;
  #closers: (() => Promise<void>)[] = [];

  /** The store of all services. */
  get journal(): Journal {
    if (this.#journal === undefined) throw new Error('the harness was not opened');
    return this.#journal;
  }

  async open(): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), 'flow-agent-'));
    this.#journal = await openPgliteJournal({ folder: this.#folder });
  }

  /** Starts a service whose dependencies behave as told; it stops with the test. */
  async start(
    behaviour: FakeBehaviour,
    maxActiveRuns = 4,
    more: Partial<MetaAgentServiceOptions> = {},
  ): Promise<StartedService> {
    const fakes = await startFakeServices(behaviour);
    const { workflows, sandbox, reward } = fakes;
    const { journal } = this;
    const defaults = { policy: 'search' };
    const handle = await createMetaAgentService({
      journal,
      workflows,
      sandbox,
      reward,
      defaults,
      maxActiveRuns,
      patienceMs: 0,
      ...more,
    });
    const server = await startServer({
      address: `unix:${join(this.#folder, `agent-${this.#sockets++}.sock`)}`,
      services: handle.services,
      deadlinesMs: metaAgentDeadlinesMs,
      reflection: false,
    });
    const client = createClient(MetaAgentServiceClient, { address: server.address });
    this.#closers.push(async () => {
      client.close();
      await handle.close();
      await server.drain(0);
      await fakes.stop();
    });
    return { client, handle, fakes };
  }

  /** All events of a Solve call. */
  async solve(client: MetaAgentServiceClient, change: Partial<SolveRequest> = {}): Promise<RunEvent[]> {
    const request = { requestId: '', task, options: undefined, streamTokens: false, ...change };
    const events: RunEvent[] = [];
    const options = { deadlineMs: 60_000, tenant: this.tenant };
    for await (const { event } of serverStream(client, 'solve', request, options)) {
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  /** All events of a WatchRun call. */
  async watch(client: MetaAgentServiceClient, name: string, afterSequence = 0n): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const options = { deadlineMs: 30_000, tenant: this.tenant };
    const stream = serverStream(client, 'watchRun', { name, afterSequence, streamTokens: false }, options);
    for await (const { event } of stream) if (event !== undefined) events.push(event);
    return events;
  }

  list(client: MetaAgentServiceClient, change: Partial<ListRunsRequest> = {}): Promise<ListRunsResponse> {
    return unary(client, 'listRuns', ListRunsRequest.fromPartial(change), { tenant: this.tenant });
  }

  /**
   * Leaves a run in the journal as a killed process does: these events, and an
   * owner that writes no more.
   *
   * @param events of a run, from its creation on; they get the new run's name
   * @returns the new run's name
   */
  async leaveBehind(events: readonly RunEvent[]): Promise<string> {
    const id = randomUUID();
    const kept = events.map((event) => ({ ...event, run: `runs/${id}` }));
    const [first, ...others] = kept;
    if (first?.event?.$case !== 'runCreated') throw new Error('no run was created');
    await this.journal.createRun({
      id,
      tenant: this.tenant,
      requestId: '',
      requestHash: Uint8Array.of(1),
      created: first.event.value,
      event: first,
      run: foldEvents([first]).run,
      maxQueued: 10,
      quota: {},
    });
    await this.journal.queue.take(10);
    const { epoch } = (await this.journal.claim(id)) ?? { epoch: 0n };
    const run = foldEvents(kept).run;
    await this.journal.append({ runId: id, epoch, expectedSequence: 1n, events: others, run });
    return `runs/${id}`;
  }

  /** Stops the services of a test. */
  async stop(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  async close(): Promise<void> {
    await this.#journal?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A harness that lives as long as the tests of the suite that calls this. */
export function useServiceHarness(): ServiceHarness {
  const harness = new ServiceHarness();
  beforeAll(() => harness.open());
  beforeEach((test) => {
    harness.tenant = `tenant-${test.task.id.replace(/\W/g, '-')}`;
  });
  afterEach(() => harness.stop());
  afterAll(() => harness.close());
  return harness;
}

/** The result in a run's last event. */
export function resultOf(events: readonly RunEvent[]): RunResult {
  const last = events.at(-1)?.event;
  if (last?.$case !== 'runFinished' || last.value.result === undefined)
    throw new Error('the run has no result');
  return last.value.result;
}

/** What the events are. */
export function eventNames(events: readonly RunEvent[]): (string | undefined)[] {
  return events.map((each) => each.event?.$case);
}

/** Options without any wish. */
export function baseOptions(): RunOptions {
  return RunOptions.fromPartial({});
}
