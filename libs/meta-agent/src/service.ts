import { MetaAgentServiceService } from '@flowreasoner/contracts/metaagent';
import { createAnswerJudge, type Graders } from '@flowreasoner/evaluate';
import { FlowError, serverStreamHandler, service, unaryHandler, type Service } from '@flowreasoner/rpc';
import { silentLogger, type Logger } from '@flowreasoner/telemetry';
import { systemClock } from './adapters/system-clock.js';
import { createTimeOrderedIds } from './adapters/time-ordered-ids.js';
import { proposeWorkflow } from './handlers/propose-workflow.js';
import { exportTrajectories } from './handlers/export-trajectories.js';
import {
  cancelRun,
  createRun,
  getRun,
  listRuns,
  pruneRuns,
  type RunHandlerOptions,
} from './handlers/run-handlers.js';
import { solve, watchRun, type WatchHandlerOptions } from './handlers/watch-handlers.js';
import { createKeyService } from './keys/key-service.js';
import type { MetaModel } from './policies/meta-model.js';
import { policyProblem } from './policies/create-policy.js';
import { SharedCatalogue } from './policies/operator-catalogue.js';
import type { Clock, Ids, Journal, TenantQuota } from './ports.js';
import type { RunDefaults } from './runs/complete-options.js';
import { EventHub } from './runs/event-hub.js';
import { RunTails } from './runs/run-tails.js';
import { Supervisor } from './runs/supervisor.js';
import type { MetaLimits, SolvePorts } from './solve/context.js';

/** What the service is made of. */
export interface MetaAgentServiceOptions {
  /** Where runs are kept; closed by whoever opened it, after the service. */
  readonly journal: Journal;
  readonly workflows: SolvePorts['workflows'];
  readonly sandbox: SolvePorts['sandbox'];
  /** Absent where answers are never scored. */
  readonly reward?: SolvePorts['reward'];
  /** Absent where no model designs workflows. */
  readonly meta?: MetaModel;
  /** Graders that tasks may name. Default: none. */
  readonly graders?: Graders;
  /** Default: prompts of 24,000 bytes and answers of 4,096 tokens. */
  readonly metaLimits?: MetaLimits;
  readonly defaults: RunDefaults;
  /** Runs worked on at once. Default 64. */
  readonly maxActiveRuns?: number;
  /** Runs that may wait for a place. Default 10,000. */
  readonly maxQueuedRuns?: number;
  /** What a tenant may have and spend. Default: nothing limits it. */
  readonly quotaOf?: (tenant: string) => TenantQuota;
  /**
   * What becomes of runs that are found unfinished by the only process of a
   * store: they go on, or they end with the best answer by then. Default: they go on.
   */
  readonly unfinishedRuns?: 'resume' | 'end';
  /** How long a run waits for a service or a store that can't be reached, in milliseconds. Default 30,000. */
  readonly patienceMs?: number;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly logger?: Logger;
}

/** The running service. */
export interface MetaAgentServiceHandle {
  /** For `startServer`. */
  readonly services: readonly Service[];
  /**
   * Cancels the runs of this process and waits until their end is in the
   * journal.
   *
   * @param reason one sentence that their result tells
   */
  close(reason?: string): Promise<void>;
  /** Stops working on the runs of this process; another one, or the next on this store, goes on with them. */
  handOver(): Promise<void>;
}

const defaultPatienceMs = 30_000;
const defaultMetaLimits: MetaLimits = { promptBytes: 24_000, maxTokens: 4_096 };

/**
 * Deadlines of the service's methods, for `startServer`: streams of runs last
 * as long as the runs do.
 */
export const metaAgentDeadlinesMs: Readonly<Record<string, number>> = {
  '/flowreasoner.metaagent.v1.MetaAgentService/WatchRun': Infinity,
  '/flowreasoner.metaagent.v1.MetaAgentService/Solve': Infinity,
  '/flowreasoner.metaagent.v1.MetaAgentService/ProposeWorkflow': 600_000,
  '/flowreasoner.metaagent.v1.MetaAgentService/ExportTrajectories': Infinity,
};

/**
 * Creates the meta-agent service, which begins at once to work on runs that wait
 * or have lost their owner.
 *
 * @throws FlowError INVALID_ARGUMENT when the default policy can't be used;
 *   UNAVAILABLE when the journal can't be read
 */
export async function createMetaAgentService(
  options: MetaAgentServiceOptions,
): Promise<MetaAgentServiceHandle> {
  const { journal, workflows, sandbox, reward, meta, defaults } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger();
  const wrong = policyProblem(defaults.policy, meta !== undefined);
  if (wrong !== undefined) {
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_POLICY', `The default policy can't be used: ${wrong}.`);
  }
  const hub = new EventHub();
  const answers = createAnswerJudge(options.graders === undefined ? {} : { graders: options.graders });
  const ports: SolvePorts = {
    clock,
    workflows,
    catalogue: new SharedCatalogue(),
    sandbox,
    reward,
    meta,
    metaLimits: options.metaLimits ?? defaultMetaLimits,
    answers,
    patienceMs: options.patienceMs ?? defaultPatienceMs,
  };
  const supervisor = new Supervisor({
    journal,
    hub,
    clock,
    logger,
    ids: options.ids ?? createTimeOrderedIds(clock),
    solve: ports,
    defaults,
    unfinished: options.unfinishedRuns ?? 'resume',
    pollMs: 1_000,
    beatMs: 2_000,
    maxActive: options.maxActiveRuns ?? 64,
    maxQueued: options.maxQueuedRuns ?? 10_000,
    quotaOf: options.quotaOf ?? (() => ({})),
  });
  await supervisor.start();
  const runs: RunHandlerOptions = {
    journal,
    supervisor,
    defaults,
    graders: answers.graders,
    policyProblem: (policy) => policyProblem(policy, meta !== undefined),
  };
  const watch: WatchHandlerOptions = { ...runs, hub, tails: new RunTails({ journal, clock }) };
  return {
    services: [
      createKeyService({ keys: journal.keys, clock }),
      service(MetaAgentServiceService, {
        createRun: unaryHandler((request, call) => createRun(runs, request, call)),
        getRun: unaryHandler((request, call) => getRun(runs, request, call)),
        listRuns: unaryHandler((request, call) => listRuns(runs, request, call)),
        cancelRun: unaryHandler((request, call) => cancelRun(runs, request, call)),
        pruneRuns: unaryHandler((request, call) => pruneRuns(runs, request, call)),
        exportTrajectories: serverStreamHandler((request, call) =>
          exportTrajectories({ ...runs, solve: ports }, request, call),
        ),
        watchRun: serverStreamHandler((request, call) => watchRun(watch, request, call)),
        solve: serverStreamHandler((request, call) => solve(watch, request, call)),
        proposeWorkflow: serverStreamHandler((request, call) =>
          proposeWorkflow({ ...runs, solve: ports }, request, call),
        ),
      }),
    ],
    async close(reason = 'The service stopped.') {
      await supervisor.close(reason);
      await answers.close();
    },
    async handOver() {
      await supervisor.handOver();
      await answers.close();
    },
  };
}
