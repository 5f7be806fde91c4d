import { formatConfig, loadConfig } from '@flowreasoner/config';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
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
import { createWorkflowService, runDeadlinesMs, SandboxClient, systemClock } from '@flowreasoner/runner';
import { workflowRunnerConfigSchema } from './workflow-runner-config.js';

const prefix = 'FLOW_WORKFLOW_RUNNER';
const help = (): string => formatConfig(workflowRunnerConfigSchema, prefix);

collectSeldom();
await runMain({ service: 'workflow-runner', version: '0.1.0', help }, async ({ signal, logger }) => {
  const config = loadConfig(workflowRunnerConfigSchema, { prefix });
  const { maxMessageBytes } = config;
  const models = createModelClient({ endpoints: readModelEndpoints(process.env), logger });
  const sandbox = createClient(SandboxServiceClient, { ...clientOptions(config.sandbox), maxMessageBytes });
  const ports = { models, sandbox: new SandboxClient(sandbox), clock: systemClock };
  const server = await startServer({
    ...serverOptions(config),
    services: [createWorkflowService(ports)],
    logger,
    deadlinesMs: runDeadlinesMs(config.runMs),
  });
  await untilStopped(signal);
  await server.drain(config.drainMs);
  sandbox.close();
  await models.close();
});
