import { secret } from '@flowreasoner/config';
import { graderSettings } from '@flowreasoner/evaluate';
import { quotaSettings } from '@flowreasoner/meta-agent';
import { clientSettings, serverSettings } from '@flowreasoner/rpc';
import { z } from 'zod';

/** Room for a task with its checks, and for answers of the services that runs call. */
const defaultMessageBytes = 8 * 1024 * 1024;

const count = (least: number, greatest: number) => z.number().int().min(least).max(greatest);

/** Configuration of the meta-agent; variables begin with FLOW_META_AGENT. */
export const metaAgentConfigSchema = z
  .object({
    ...serverSettings('127.0.0.1:7101'),
    maxMessageBytes: count(1024, 268_435_456).default(defaultMessageBytes).describe('largest message'),
    databaseUrl: secret().optional().describe('Postgres that keeps the runs, postgres://USER@HOST/NAME'),
    databaseConnections: count(1, 1_000).default(8).describe('connections to Postgres'),
    dataFolder: z
      .string()
      .min(1)
      .optional()
      .describe('folder that keeps the runs, where there is no Postgres'),
    workflowRunner: clientSettings('127.0.0.1:7102').prefault({}),
    sandbox: clientSettings('127.0.0.1:7103').prefault({}),
    reward: clientSettings('127.0.0.1:7104').prefault({}),
    ...graderSettings(),
    policy: z.string().default('search').describe('policy of runs that name none: llm, search, fixed:NAME'),
    maxActiveRuns: count(1, 10_000).default(64).describe('runs that are worked on at once'),
    maxQueuedRuns: count(0, 1_000_000).default(10_000).describe('runs that may wait for a place'),
    ...quotaSettings(),
    patienceMs: count(0, 3_600_000)
      .default(30_000)
      .describe('milliseconds that a run waits for a service or a database that can not be reached'),
    metaPromptBytes: count(2_000, 1_000_000).default(24_000).describe('largest prompt of the meta model'),
    metaMaxTokens: count(64, 1_000_000).default(4_096).describe('longest answer of the meta model'),
  })
  .refine((config) => (config.databaseUrl === undefined) !== (config.dataFolder === undefined), {
    path: ['databaseUrl'],
    message: 'set either it or FLOW_META_AGENT_DATA_FOLDER',
  });
