import { randomBytes } from 'node:crypto';
import { formatConfig, loadConfig } from '@flowreasoner/config';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { connectGraders, createAnswerJudge } from '@flowreasoner/evaluate';
import {
  CheckedWorkflowAnalyzer,
  createRewardService,
  SandboxGrader,
  SCORE_STREAM_METHOD,
} from '@flowreasoner/reward';
import {
  clientOptions,
  createClient,
  runMain,
  serverOptions,
  startServer,
  untilStopped,
} from '@flowreasoner/rpc';
import { openTaskStore } from './open-task-store.js';
import { rewardConfigSchema } from './reward-config.js';

const prefix = 'FLOW_REWARD';
const help = (): string => formatConfig(rewardConfigSchema, prefix);

await runMain({ service: 'reward', version: '0.1.0', help }, async ({ signal, logger }) => {
  const config = loadConfig(rewardConfigSchema, { prefix });
  const { maxMessageBytes, concurrency } = config;
  const tasks = await openTaskStore(config, logger);
  const sandbox = createClient(SandboxServiceClient, { ...clientOptions(config.sandbox), maxMessageBytes });
  const judge = createAnswerJudge({ graders: connectGraders(config) });
  const ports = {
    grader: new SandboxGrader(sandbox, config.gradingMs),
    judge,
    tasks,
    workflows: new CheckedWorkflowAnalyzer(),
    randomBytes,
    logger,
  };
  const server = await startServer({
    ...serverOptions(config),
    services: [createRewardService(ports, { concurrency })],
    logger,
    deadlinesMs: { [SCORE_STREAM_METHOD]: Infinity },
  });
  await untilStopped(signal);
  await server.drain(config.drainMs);
  sandbox.close();
  await judge.close();
  await tasks.close();
});
