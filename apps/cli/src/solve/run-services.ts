import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import { createClient, FlowError } from '@flowreasoner/rpc';
import type { Embedded } from '../embedded/attach.js';

/** Services that one run of a workflow needs. */
export type RunServices = Pick<Embedded, 'workflow' | 'sandbox' | 'reward' | 'detach'>;

/** What a run needs besides the workflow-runner. */
export interface RunNeeds {
  /** Whether there are visible checks to grade. */
  readonly sandbox: boolean;
  /** Whether there are hidden tests to score. */
  readonly reward: boolean;
}

/**
 * Clients of services that run elsewhere.
 *
 * @param server addresses of workflow-runner, sandbox and reward, with commas between
 * @throws FlowError INVALID_ARGUMENT when one that is needed is missing
 */
export function runServices(server: string, needs: RunNeeds): RunServices {
  const [runner = '', sandboxAddress = '', rewardAddress = ''] = server.split(',').map((part) => part.trim());
  requireAddress(runner, 'workflow-runner', 'every run needs it');
  if (needs.sandbox) requireAddress(sandboxAddress, 'sandbox', 'the task has visible checks');
  if (needs.reward) requireAddress(rewardAddress, 'reward', 'the task has hidden tests');
  const token = process.env['FLOW_TOKEN'];
  const options = token === undefined ? {} : { token };
  const workflow = createClient(WorkflowServiceClient, { address: runner, ...options });
  const sandbox = createClient(SandboxServiceClient, { address: sandboxAddress || runner, ...options });
  const reward = createClient(RewardServiceClient, { address: rewardAddress || runner, ...options });
  return {
    workflow,
    sandbox,
    reward,
    detach: () => {
      for (const client of [workflow, sandbox, reward]) client.close();
      return Promise.resolve();
    },
  };
}

function requireAddress(address: string, service: string, why: string): void {
  if (address !== '') return;
  throw new FlowError('INVALID_ARGUMENT', 'ADDRESS_MISSING', `--server names no ${service}, and ${why}`, {
    hint: 'give --server WORKFLOW-RUNNER,SANDBOX,REWARD; flow serve prints the addresses',
  });
}
