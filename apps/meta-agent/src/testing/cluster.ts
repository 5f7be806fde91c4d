import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MetaAgentServiceClient,
  RunOptions,
  RunState,
  Task,
  type Run,
  type RunEvent,
} from '@flowreasoner/contracts/metaagent';
import { createClient, serverStream, unary, waitForReady } from '@flowreasoner/rpc';
import {
  startApp,
  startScriptedModelServer,
  startTemporaryPostgres,
  type AppProcess,
  type Script,
  type ScriptedModelServer,
  type TemporaryPostgres,
} from '@flowreasoner/testing';

const readyMs = 90_000;
const longestRunMs = 120_000;

/** A replica of the meta-agent that runs as a process of its own. */
export interface Replica {
  readonly process: AppProcess;
  readonly client: MetaAgentServiceClient;
}

/** Real services as processes on one Postgres, with a scripted model. Tests only. */
export class Cluster {
  #services = new Map<string, AppProcess>();
  #replicas: Replica[] = [];
  #sockets = 0;

  private constructor(
    readonly postgres: TemporaryPostgres,
    readonly models: ScriptedModelServer,
    private readonly folder: string,
  ) {}

  /** Starts the database, the model and the services that runs call; replicas are started by the test. */
  static async start(script: Script): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'flow-cluster-'));
    const [postgres, models] = await Promise.all([
      startTemporaryPostgres(),
      startScriptedModelServer({ script }),
    ]);
    const cluster = new Cluster(postgres, models, folder);
    cluster.startService('sandbox');
    cluster.startService('workflow-runner');
    return cluster;
  }

  /** Starts a service that runs call, at its own address. */
  startService(app: 'sandbox' | 'workflow-runner'): void {
    const more =
      app === 'workflow-runner' ? { FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: this.#address('sandbox') } : {};
    this.#services.set(app, this.#startApp(app, this.#address(app), more));
  }

  /** Kills a service as the system would. */
  async killService(app: 'sandbox' | 'workflow-runner'): Promise<void> {
    await this.#services.get(app)?.kill();
  }

  /** Starts one more replica. */
  async startReplica(env: Readonly<Record<string, string>> = {}): Promise<Replica> {
    const address = this.#address(`meta-agent-${this.#sockets++}`);
    const process = this.#startApp('meta-agent', address, {
      FLOW_META_AGENT_DATABASE_URL: this.postgres.url,
      FLOW_META_AGENT_WORKFLOW_RUNNER_ADDRESS: this.#address('workflow-runner'),
      FLOW_META_AGENT_SANDBOX_ADDRESS: this.#address('sandbox'),
      FLOW_META_AGENT_REWARD_ADDRESS: this.#address('reward'),
      ...env,
    });
    const client = createClient(MetaAgentServiceClient, { address });
    const replica = { process, client };
    this.#replicas.push(replica);
    await waitForReady(client, readyMs);
    return replica;
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    for (const { client, process } of this.#replicas) {
      client.close();
      await process.kill();
    }
    for (const service of this.#services.values()) await service.kill();
    await Promise.all([this.models.close(), this.postgres.stop()]);
    await rm(this.folder, { recursive: true });
  }

  #address(name: string): string {
    return `unix:${join(this.folder, `${name}.sock`)}`;
  }

  #startApp(app: string, address: string, env: Readonly<Record<string, string>>): AppProcess {
    const endpoint = {
      name: 'scripted',
      baseUrl: this.models.baseUrl,
      local: true,
      defaultModel: 'scripted',
      grammarStyle: 'none',
      promptStyle: 'chat',
      concurrency: 64,
    };
    const prefix = `FLOW_${app.toUpperCase().replaceAll('-', '_')}`;
    return startApp(app, {
      keepLogs: true,
      env: {
        FLOW_MODEL_ENDPOINTS: JSON.stringify([endpoint]),
        [`${prefix}_ADDRESS`]: address,
        ...env,
      },
    });
  }
}

/** Creates a run and gives its name. */
export async function createRun(
  { client }: Replica,
  problem: string,
  options: Partial<RunOptions> = {},
): Promise<string> {
  const { run } = await unary(client, 'createRun', {
    requestId: '',
    task: Task.fromPartial({ problem }),
    options: { ...noOptions, deadlineMs: longestRunMs, ...options },
  });
  return run?.name ?? '';
}

/** Every event of a run, once it has ended. */
export async function eventsOf({ client }: Replica, name: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const request = { name, afterSequence: 0n, streamTokens: false };
  for await (const { event } of serverStream(client, 'watchRun', request, { deadlineMs: longestRunMs })) {
    if (event !== undefined) events.push(event);
  }
  return events;
}

/** Resolves when an event of this kind is in a run's journal. */
export async function untilEvent({ client }: Replica, name: string, kind: string): Promise<void> {
  const request = { name, afterSequence: 0n, streamTokens: false };
  for await (const { event } of serverStream(client, 'watchRun', request, { deadlineMs: longestRunMs })) {
    if (event?.event?.$case === kind) return;
  }
  throw new Error(`${name} ended without ${kind}`);
}

/** A run as it stands. */
export async function getRun({ client }: Replica, name: string): Promise<Run> {
  const { run } = await unary(client, 'getRun', { name });
  if (run === undefined) throw new Error(`there is no ${name}`);
  return run;
}

/** Whether a run has ended. */
export function isFinished(run: Run): boolean {
  return run.state === RunState.RUN_STATE_FINISHED;
}

const noOptions = RunOptions.fromPartial({});
