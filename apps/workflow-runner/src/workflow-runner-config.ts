import { clientSettings, serverSettings } from '@flowreasoner/rpc';
import { z } from 'zod';

/** Room for a workflow with its problem, checks and memo. */
const defaultMessageBytes = 8 * 1024 * 1024;

/** Configuration of the workflow-runner; variables begin with FLOW_WORKFLOW_RUNNER. */
export const workflowRunnerConfigSchema = z.object({
  ...serverSettings('127.0.0.1:7102'),
  maxMessageBytes: z
    .number()
    .int()
    .min(1024)
    .max(268_435_456)
    .default(defaultMessageBytes)
    .describe('largest message'),
  sandbox: clientSettings('127.0.0.1:7103').prefault({}),
  runMs: z
    .number()
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(900_000)
    .describe('time for a run whose call has no deadline'),
});
