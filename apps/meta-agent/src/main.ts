import { formatConfig, loadConfig } from '@flowreasoner/config';
import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import { connectGraders } from '@flowreasoner/evaluate';
import {
  createMetaAgentService,
  createMetaModel,
  metaAgentDeadlinesMs,
  tenantQuotas,
} from '@flowreasoner/meta-agent';
import { createModelClient, readModelEndpoints } from '@flowreasoner/model';
import {
  clientOptions,
  collectSeldom,
  createClient,
  runMain,
  serverOptions,
  startServer,
  untilStopped,
} from '@flowreasoner/rpc';
import { metaAgentConfigSchema } from './meta-agent-config.js';
import { openJournal } from './open-journal.js';

const prefix = 'FLOW_META_AGENT';
const help = (): string => formatConfig(metaAgentConfigSchema, prefix);

collectSeldom();
await runMain({ service: 'meta-agent', version: '0.1.0', help }, async ({ signal, logger }) => {
  const config = loadConfig(metaAgentConfigSchema, { prefix });
  const models = createModelClient({ endpoints: readModelEndpoints(process.env), logger });
  const { maxMessageBytes } = config;
  const workflows = createClient(WorkflowServiceClient, {
    ...clientOptions(config.workflowRunner),
    maxMessageBytes,
  });
  const sandbox = createClient(SandboxServiceClient, { ...clientOptions(config.sandbox), maxMessageBytes });
  const reward = createClient(RewardServiceClient, { ...clientOptions(config.reward), maxMessageBytes });
  const journal = await openJournal(config, logger);
  try {
    const metaAgent = await createMetaAgentService({
      journal,
      workflows,
      sandbox,
      reward,
      meta: createMetaModel(models),
      graders: connectGraders(config),
      metaLimits: { promptBytes: config.metaPromptBytes, maxTokens: config.metaMaxTokens },
      defaults: { policy: config.policy },
      maxActiveRuns: config.maxActiveRuns,
      maxQueuedRuns: config.maxQueuedRuns,
      patienceMs: config.patienceMs,
      quotaOf: tenantQuotas(config, prefix),
      logger,
    });
    const server = await startServer({
      ...serverOptions(config),
      services: metaAgent.services,
      logger,
      deadlinesMs: metaAgentDeadlinesMs,
    });
    await untilStopped(signal);
    // Runs are given back first, so that another replica goes on with them at once.
    await metaAgent.handOver();
    await server.drain(config.drainMs);
  } finally {
    await journal.close();
    for (const client of [workflows, sandbox, reward]) client.close();
    await models.close();
  }
});
