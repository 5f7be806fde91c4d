import { loadConfig } from '@flowreasoner/config';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { createModelClient } from '@flowreasoner/model';
import {
  clientOptions,
  createClient,
  runMain,
  serverOptions,
  startServer,
  untilStopped,
} from '@flowreasoner/rpc';
import { createWorkflowService, RUN_WORKFLOW_METHOD, SandboxClient, systemClock } from '@flowreasoner/runner';
import { readModelEndpoints } from './model-endpoints.js';
import { workflowRunnerConfigSchema } from './workflow-runner-config.js';

await runMain({ service: 'workflow-runner', version: '0.1.0' }, async ({ signal, logger }) => {
  const config = loadConfig(workflowRunnerConfigSchema, { prefix: 'FLOW_WORKFLOW_RUNNER' });
  const { endpoints, promptStyles } = readModelEndpoints(process.env);
  const { maxMessageBytes } = config;
  const models = createModelClient({ endpoints, logger });
  const sandbox = createClient(SandboxServiceClient, { ...clientOptions(config.sandbox), maxMessageBytes });
  const ports = { models, sandbox: new SandboxClient(sandbox), clock: systemClock };
  const server = await startServer({
    ...serverOptions(config),
    services: [createWorkflowService(ports, { promptStyles })],
    logger,
    deadlinesMs: { [RUN_WORKFLOW_METHOD]: config.runMs },
  });
  await untilStopped(signal);
  await server.drain(config.drainMs);
  sandbox.close();
  await models.close();
});
