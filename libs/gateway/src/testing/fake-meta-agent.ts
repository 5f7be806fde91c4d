import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateRunResponse,
  Key,
  KeyServiceClient,
  KeyServiceService,
  ListRunsResponse,
  MetaAgentServiceClient,
  MetaAgentServiceService,
  Run,
  RunEvent,
  RunState,
  type CreateRunRequest,
  type ListRunsRequest,
  type SolveRequest,
} from '@flowreasoner/contracts/metaagent';
import {
  createClient,
  FlowError,
  serverStreamHandler,
  service,
  startServer,
  unaryHandler,
  type CallContext,
} from '@flowreasoner/rpc';

/** What a fake meta-agent does. */
export interface FakeBehaviour {
  /** Events of a run that Solve started; the default solves at once. */
  solve?: (request: SolveRequest, call: CallContext) => AsyncIterable<RunEvent>;
  /** Events of a run that is watched. */
  watch?: (after: bigint, call: CallContext) => AsyncIterable<RunEvent>;
}

/** A meta-agent that does as it is told, behind real gRPC. Tests only. */
export interface FakeMetaAgent {
  readonly metaAgent: MetaAgentServiceClient;
  readonly keys: KeyServiceClient;
  /** May be changed at any time. */
  behaviour: FakeBehaviour;
  /** Tenants by the API keys that are valid; may be changed at any time. */
  readonly tenants: Map<string, string>;
  /** When keys cease to be valid, those that do. */
  readonly expiries: Map<string, Date>;
  /** What was asked, with the tenant that it was asked for. */
  readonly solved: { readonly request: SolveRequest; readonly tenant: string }[];
  readonly created: { readonly request: CreateRunRequest; readonly tenant: string }[];
  readonly listed: ListRunsRequest[];
  readonly cancelled: string[];
  readonly counts: { verified: number; open: number; abandoned: number };
  stop(): Promise<void>;
}

/** The only run that a fake meta-agent has. */
export const fakeRun = Run.fromPartial({
  name: 'runs/0199-a',
  task: { id: 't', problem: 'p' },
  options: { policy: 'search' },
  state: RunState.RUN_STATE_RUNNING,
  lastSequence: 3n,
  createTime: new Date(0),
});

/** An event of that run. */
export function fakeEvent(sequence: number, event: RunEvent['event'], round = 0): RunEvent {
  return { run: fakeRun.name, sequence: BigInt(sequence), time: new Date(0), round, event };
}

/** Its last event. */
export function finished(sequence: number, result: object): RunEvent {
  const event = RunEvent.fromJSON({ runFinished: { result } }).event;
  return fakeEvent(sequence, event);
}

/** Its first event. */
export const created = fakeEvent(1, { $case: 'runCreated', value: { task: undefined, options: undefined } });

/** Starts a fake meta-agent; its only key is `good-key` of the tenant `acme`. */
export async function startFakeMetaAgent(): Promise<FakeMetaAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-gateway-'));
  const fake: Omit<FakeMetaAgent, 'metaAgent' | 'keys' | 'stop'> = {
    behaviour: {},
    tenants: new Map([['good-key', 'acme']]),
    expiries: new Map(),
    solved: [],
    created: [],
    listed: [],
    cancelled: [],
    counts: { verified: 0, open: 0, abandoned: 0 },
  };
  const follow = async function* (events: AsyncIterable<RunEvent>, call: CallContext) {
    fake.counts.open += 1;
    try {
      for await (const event of events) yield { event };
    } finally {
      fake.counts.open -= 1;
      if (call.signal.aborted) fake.counts.abandoned += 1;
    }
  };
  const runs = service(MetaAgentServiceService, {
    solve: serverStreamHandler((request, call) => {
      fake.solved.push({ request, tenant: call.tenant });
      return follow((fake.behaviour.solve ?? solveAtOnce)(request, call), call);
    }),
    watchRun: serverStreamHandler((request, call) =>
      follow((fake.behaviour.watch ?? watchNothing)(request.afterSequence, call), call),
    ),
    createRun: unaryHandler((request, call) => {
      fake.created.push({ request, tenant: call.tenant });
      return Promise.resolve(CreateRunResponse.fromPartial({ run: fakeRun }));
    }),
    getRun: unaryHandler(({ name }) => {
      if (name === fakeRun.name) return Promise.resolve({ run: fakeRun });
      return Promise.reject(new FlowError('NOT_FOUND', 'RUN_NOT_FOUND', `There is no run ${name}.`));
    }),
    listRuns: unaryHandler((request) => {
      fake.listed.push(request);
      return Promise.resolve(ListRunsResponse.fromPartial({ runs: [fakeRun], nextPageToken: 'more' }));
    }),
    cancelRun: unaryHandler(({ name }) => {
      fake.cancelled.push(name);
      return Promise.resolve({ run: fakeRun });
    }),
  });
  const keyService = service(KeyServiceService, {
    verifyKey: unaryHandler(({ secret }) => {
      fake.counts.verified += 1;
      const tenant = fake.tenants.get(secret);
      if (tenant !== undefined) {
        const expireTime = fake.expiries.get(secret);
        const key = Key.fromPartial({ name: `keys/${secret}`, tenant });
        return Promise.resolve({ key: { ...key, expireTime } });
      }
      return Promise.reject(new FlowError('UNAUTHENTICATED', 'KEY_UNKNOWN', 'The API key is not known.'));
    }),
  });
  const server = await startServer({
    address: `unix:${join(folder, 'agent.sock')}`,
    services: [runs, keyService],
    defaultDeadlineMs: Infinity,
    reflection: false,
  });
  const metaAgent = createClient(MetaAgentServiceClient, { address: server.address });
  const keys = createClient(KeyServiceClient, { address: server.address });
  return Object.assign(fake, {
    metaAgent,
    keys,
    stop: async () => {
      metaAgent.close();
      keys.close();
      await server.drain(0);
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

async function* solveAtOnce(): AsyncGenerator<RunEvent> {
  yield created;
  yield finished(2, { status: 'RUN_STATUS_SOLVED', answer: 'forty-two', rounds: 1, bestRound: 1 });
}

async function* watchNothing(): AsyncGenerator<RunEvent> {}

/** Events, then silence until the call ends. */
export async function* silentAfter(events: readonly RunEvent[], call: CallContext): AsyncGenerator<RunEvent> {
  yield* events;
  await new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(call.signal.reason as Error);
    if (call.signal.aborted) stop();
    call.signal.addEventListener('abort', stop, { once: true });
  });
}
