import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MetaAgentServiceClient,
  RunOptions,
  Task,
  type RunEvent,
  type RunResult,
} from '@flowreasoner/contracts/metaagent';
import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { createClient, serverStream, unary, waitForReady } from '@flowreasoner/rpc';
import {
  startApp,
  startScriptedModelServer,
  type AppProcess,
  type Script,
  type ScriptedModelServer,
} from '@flowreasoner/testing';

const readyMs = 120_000;
const deadlineMs = 90_000;

/** Real services as processes on a store of their own, with a scripted model. Tests only. */
export interface LocalServices {
  readonly models: ScriptedModelServer;
  readonly client: MetaAgentServiceClient;
  /** The processes of the services that the meta-agent calls, and, as the last, its own. */
  readonly processes: readonly AppProcess[];
  /** Of the reward service, where there is one. */
  readonly reward: RewardServiceClient;
  /** Kills the meta-agent and, once `meanwhile` has run, starts it again. */
  restart(meanwhile?: () => void): Promise<void>;
  /** Creates a run and returns its name. */
  create(task: Partial<Task>, options: Partial<RunOptions>): Promise<string>;
  /** Events of a run, to its end. */
  watch(name: string): AsyncIterable<RunEvent>;
  /** All events of a new run. */
  solve(task: Partial<Task>, options: Partial<RunOptions>): Promise<RunEvent[]>;
  stop(): Promise<void>;
}

/** Starts the services. The model's prices are $1 and $4 for a million tokens unless told otherwise. */
export async function startLocalServices(
  script: Script,
  more: {
    readonly metaMaxTokens?: number;
    /** Whether there is a reward service. Default: no. */
    readonly withReward?: boolean;
    /** Changes of the endpoint `scripted`. */
    readonly endpoint?: Readonly<Record<string, unknown>>;
    /** Endpoints beside it. */
    readonly others?: readonly Readonly<Record<string, unknown>>[];
  } = {},
): Promise<LocalServices> {
  const folder = await mkdtemp(join(tmpdir(), 'flow-local-'));
  const models = await startScriptedModelServer({ script });
  const address = (app: string): string => `unix:${join(folder, `${app}.sock`)}`;
  const endpoint = {
    name: 'scripted',
    baseUrl: models.baseUrl,
    defaultModel: 'scripted',
    grammarStyle: 'none',
    promptStyle: 'chat',
    maxRetries: 0,
    prices: { scripted: { promptUsdPerMillion: 1, completionUsdPerMillion: 4 } },
    ...more.endpoint,
  };
  const start = (app: string, env: Readonly<Record<string, string>> = {}): AppProcess =>
    startApp(app, {
      env: {
        FLOW_MODEL_ENDPOINTS: JSON.stringify([endpoint, ...(more.others ?? [])]),
        [`FLOW_${app.toUpperCase().replaceAll('-', '_')}_ADDRESS`]: address(app),
        ...env,
      },
    });
  const startMetaAgent = (): AppProcess =>
    start('meta-agent', {
      FLOW_META_AGENT_DATA_FOLDER: join(folder, 'data'),
      FLOW_META_AGENT_WORKFLOW_RUNNER_ADDRESS: address('workflow-runner'),
      FLOW_META_AGENT_SANDBOX_ADDRESS: address('sandbox'),
      FLOW_META_AGENT_REWARD_ADDRESS: address('reward'),
      FLOW_META_AGENT_META_MAX_TOKENS: String(more.metaMaxTokens ?? 1_000),
    });
  const sandbox = { FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: address('sandbox') };
  const processes = [
    start('sandbox'),
    start('workflow-runner', sandbox),
    ...(more.withReward === true
      ? [start('reward', { FLOW_REWARD_SANDBOX_ADDRESS: address('sandbox') })]
      : []),
    startMetaAgent(),
  ];
  const connect = (): MetaAgentServiceClient =>
    createClient(MetaAgentServiceClient, { address: address('meta-agent') });
  let client = connect();
  const reward = createClient(RewardServiceClient, { address: address('reward') });
  const stop = async (): Promise<void> => {
    for (const each of [client, reward]) each.close();
    for (const each of [...processes].reverse()) await each.stop();
    await models.close();
    await rm(folder, { recursive: true, force: true });
  };
  // Nobody else would stop what never became ready.
  const waiting = [client, ...(more.withReward === true ? [reward] : [])];
  await Promise.all(waiting.map((each) => waitForReady(each, readyMs))).catch((error: unknown) =>
    stop().finally(() => Promise.reject(error as Error)),
  );
  const create = async (task: Partial<Task>, options: Partial<RunOptions>): Promise<string> => {
    const { run } = await unary(client, 'createRun', {
      requestId: '',
      task: Task.fromPartial(task),
      options: { ...plainOptions, ...options },
    });
    return run?.name ?? '';
  };
  async function* watch(name: string): AsyncGenerator<RunEvent> {
    const request = { name, afterSequence: 0n, streamTokens: false };
    for await (const { event } of serverStream(client, 'watchRun', request, { deadlineMs })) {
      if (event !== undefined) yield event;
    }
  }
  return {
    models,
    get client() {
      return client;
    },
    reward,
    processes,
    async restart(meanwhile) {
      await processes.pop()?.kill();
      meanwhile?.();
      processes.push(startMetaAgent());
      // The old channel may not have noticed yet that its server is gone.
      client.close();
      client = connect();
      await waitForReady(client, readyMs);
    },
    create,
    watch,
    async solve(task, options) {
      const events: RunEvent[] = [];
      for await (const event of watch(await create(task, options))) events.push(event);
      return events;
    },
    stop,
  };
}

/** Options without any wish. */
const plainOptions = RunOptions.fromPartial({ deadlineMs: 60_000, seed: 1 });

/** The result in a run's last event. */
export function resultOf(events: readonly RunEvent[]): RunResult {
  const last = events.at(-1)?.event;
  if (last?.$case !== 'runFinished' || last.value.result === undefined)
    throw new Error('the run has no result');
  return last.value.result;
}
