import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { KeyServiceClient, MetaAgentServiceClient } from '@flowreasoner/contracts/metaagent';
import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import { connectGraders, createAnswerJudge } from '@flowreasoner/evaluate';
import { gatewaySettingsOf, startGateway } from '@flowreasoner/gateway';
import {
  acquireStoreLock,
  createMetaAgentService,
  createMetaModel,
  fixedWorkflowNames,
  metaAgentDeadlinesMs,
  openPgliteJournal,
  tenantQuotas,
  type RunDefaults,
} from '@flowreasoner/meta-agent';
import {
  CheckedWorkflowAnalyzer,
  createRewardService,
  SandboxGrader,
  SCORE_STREAM_METHOD,
  SqlTaskStore,
} from '@flowreasoner/reward';
import { createClient, FlowError, type RunningServer, startServer, waitForReady } from '@flowreasoner/rpc';
import { createWorkflowService, runDeadlinesMs, SandboxClient, systemClock } from '@flowreasoner/runner';
import type { Logger } from '@flowreasoner/telemetry';
import type { AttachedEndpoints } from './attached-endpoints.js';
import { StoreInUseError } from './host-failure.js';
import { storeFolder } from './paths.js';
import { SANDBOX_READY_MS, startSandbox } from './sandbox-process.js';
import { defaultServeSettings, orRefuse, SERVE_PREFIX, type ServeSettings } from './serve-settings.js';
import type { SlowPart } from './slow-part.js';
import { announceHolder, readHolder, type StoreHolder } from './store-holder.js';

/** Names of the services that are composed. */
export type ServiceName = 'meta-agent' | 'workflow-runner' | 'sandbox' | 'reward';

/** What is composed, and where it listens. */
export interface ComposeOptions {
  /** What is composed, so that others who want the store hear of it. */
  readonly kind: StoreHolder['kind'];
  readonly dataFolder: string;
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** Where the gateway listens; without it there is none. */
  readonly http?: { readonly host: string; readonly port: number };
  /** The models that the services may use; filled and closed by the caller. */
  readonly endpoints: AttachedEndpoints;
  /** Models of runs that name none. Default: the first endpoint's. */
  readonly models?: Pick<RunDefaults, 'meta' | 'worker'>;
  /** Default: no graders, no quotas, the gateway's own limits. */
  readonly settings?: ServeSettings;
  readonly logger: Logger;
  /** Told as each of the slow parts is ready. */
  readonly onReady?: (part: SlowPart) => void;
  /** Ends a start in progress; `close` ends what was started. */
  readonly signal?: AbortSignal;
}

/** All services, at work. */
export interface ComposedServices {
  /** Addresses with real ports. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** Base URL of the gateway, where there is one. */
  readonly http: string | undefined;
  /** Rejects when a child process ends by itself. */
  readonly failed: Promise<never>;
  /** Cancels what is running, stops everything and gives the store back. */
  close(): Promise<void>;
}

/**
 * Starts every service: meta-agent, workflow-runner and reward in this process,
 * the sandbox as a child.
 *
 * @throws StoreInUseError when another process has the store
 */
export async function composeServices({
  kind,
  dataFolder,
  addresses,
  http,
  endpoints,
  models,
  settings = defaultServeSettings,
  logger,
  onReady,
  signal,
}: ComposeOptions): Promise<ComposedServices> {
  const quotaOf = orRefuse(() => tenantQuotas(settings, SERVE_PREFIX));
  const folder = storeFolder(dataFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = acquireStoreLock(folder);
  if (lock === undefined) throw new StoreInUseError(folder, readHolder(folder));
  const withdraw = announceHolder(folder, {
    kind,
    processId: process.pid,
    server: `${addresses['meta-agent']},${addresses.reward}`,
  });
  const closers: (() => Promise<void> | void)[] = [() => lock.release(), withdraw];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    for (const address of Object.values(addresses)) {
      if (address.startsWith('unix:')) rmSync(address.slice('unix:'.length), { force: true });
    }
    const sandboxProcess = startSandbox(addresses.sandbox);
    const sandbox = createClient(SandboxServiceClient, { address: addresses.sandbox });
    closers.push(() => sandbox.close());
    const opening = openPgliteJournal({ folder, lock });
    // It is awaited later; a failure until then must not end the process.
    opening.then(
      () => onReady?.('store'),
      () => {},
    );
    // Even a store that is still being opened has to be closed in order, after all that uses it.
    closers.push(() =>
      opening.then(
        (opened) => opened.close(),
        () => {},
      ),
    );
    closers.push(() => sandboxProcess.close());
    // The sandbox probes itself meanwhile, which takes about as long.
    const ready = [waitForReady(sandbox, SANDBOX_READY_MS), sandboxProcess.failed, rejectedBy(signal)];
    await Promise.race(ready);
    onReady?.('sandbox');
    const journal = await opening;
    signal?.throwIfAborted();
    const serve = async (
      name: ServiceName,
      options: Omit<Parameters<typeof startServer>[0], 'address' | 'logger'>,
    ): Promise<RunningServer> => {
      const server = await startServer({ ...options, address: addresses[name], logger });
      closers.push(() => server.drain(0));
      return server;
    };
    const judge = createAnswerJudge({ graders: connectGraders(settings) });
    closers.push(() => judge.close());
    const rewardServer = await serve('reward', {
      services: [
        createRewardService({
          grader: new SandboxGrader(sandbox),
          judge,
          tasks: await SqlTaskStore.open({ database: journal.database }),
          workflows: new CheckedWorkflowAnalyzer(),
          randomBytes,
          logger,
        }),
      ],
      deadlinesMs: { [SCORE_STREAM_METHOD]: Infinity },
    });
    const runnerServer = await serve('workflow-runner', {
      services: [
        createWorkflowService({ models: endpoints, sandbox: new SandboxClient(sandbox), clock: systemClock }),
      ],
      deadlinesMs: runDeadlinesMs(Infinity),
    });
    const workflows = createClient(WorkflowServiceClient, { address: runnerServer.address });
    const reward = createClient(RewardServiceClient, { address: rewardServer.address });
    for (const client of [workflows, reward]) closers.push(() => client.close());
    const metaAgent = await createMetaAgentService({
      journal,
      workflows,
      sandbox,
      reward,
      meta: createMetaModel(endpoints),
      graders: connectGraders(settings),
      quotaOf,
      defaults: { policy: 'search', ...models },
      // A host's models came with commands that have gone, and so has whoever waited for its runs.
      unfinishedRuns: kind === 'host' ? 'end' : 'resume',
      logger,
    });
    const metaAgentServer = await serve('meta-agent', {
      services: metaAgent.services,
      deadlinesMs: metaAgentDeadlinesMs,
    });
    // Runs end first, so that their watchers hear of it before the server goes.
    closers.push(() => metaAgent.close('The embedded services were stopped.'));
    const gateway =
      http === undefined ? undefined : await serveHttp(http, metaAgentServer.address, settings, logger);
    // Its clients hear of the end from it, while the runs are still there.
    closers.push(() => gateway?.close());
    return {
      addresses: {
        'meta-agent': metaAgentServer.address,
        'workflow-runner': runnerServer.address,
        reward: rewardServer.address,
        sandbox: addresses.sandbox,
      },
      http: gateway?.url,
      failed: sandboxProcess.failed,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts the gateway in front of a meta-agent service. */
async function serveHttp(
  listen: { readonly host: string; readonly port: number },
  address: string,
  settings: ServeSettings,
  logger: Logger,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const metaAgent = createClient(MetaAgentServiceClient, { address });
  const keys = createClient(KeyServiceClient, { address });
  const fixed = fixedWorkflowNames.map((name) => `fixed:${name}`);
  const closeClients = (): void => [metaAgent, keys].forEach((client) => client.close());
  try {
    const policies = ['llm', 'search', ...fixed];
    const gateway = await startGateway({
      ...listen,
      ...gatewaySettingsOf(settings),
      metaAgent,
      keys,
      policies,
      logger,
    });
    return { url: gateway.url, close: () => gateway.drain(0).finally(closeClients) };
  } catch (error) {
    closeClients();
    throw error;
  }
}

function rejectedBy(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new FlowError('CANCELLED', 'CANCELLED', 'the start was called off'));
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
