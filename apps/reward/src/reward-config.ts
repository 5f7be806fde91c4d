import { secret } from '@flowreasoner/config';
import { graderSettings } from '@flowreasoner/evaluate';
import { clientSettings, serverSettings } from '@flowreasoner/rpc';
import { z } from 'zod';

/** Room for a group of samples, or for a suite with its visible checks. */
const defaultMessageBytes = 32 * 1024 * 1024;

const count = (least: number, greatest: number) => z.number().int().min(least).max(greatest);

/** Configuration of the reward service; variables begin with FLOW_REWARD. */
export const rewardConfigSchema = z.object({
  ...serverSettings('127.0.0.1:7104'),
  maxMessageBytes: count(1024, 268_435_456).default(defaultMessageBytes).describe('largest message'),
  sandbox: clientSettings('127.0.0.1:7103').prefault({}),
  ...graderSettings(),
  databaseUrl: secret()
    .optional()
    .describe(
      'Postgres that keeps the tasks, postgres://USER@HOST/NAME; without it they end with the process',
    ),
  databaseConnections: count(1, 1_000).default(8).describe('connections to Postgres'),
  gradingMs: count(1000, 600_000).default(60_000).describe('time for one grading with its wait in the queue'),
  concurrency: count(1, 1024).default(16).describe('gradings that run at once'),
  maxTasks: count(1, 10_000_000).default(20_000).describe('tasks kept; those used longest ago are forgotten'),
  maxTaskBytes: count(1, Number.MAX_SAFE_INTEGER)
    .default(268_435_456)
    .describe('size of all kept suites together'),
});
