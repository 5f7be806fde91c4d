import { PutTaskRequest, type RewardServiceClient } from '@flowreasoner/contracts/reward';
import { unary } from '@flowreasoner/rpc';
import type { TaskInput } from '../task/read-task.js';

/**
 * Puts a task's hidden tests, or its hidden answer, to the reward service.
 *
 * @returns the handle of the task there; empty where it has neither
 * @throws FlowError when the service refuses them or can't be reached
 */
export async function putHiddenTests(
  reward: RewardServiceClient,
  { task, hiddenTests, hiddenAnswer }: TaskInput,
  requestId: string,
  signal: AbortSignal,
): Promise<string> {
  if (hiddenTests === undefined && hiddenAnswer === undefined) return '';
  const request = PutTaskRequest.fromPartial({
    requestId,
    ...(hiddenTests === undefined ? {} : { hiddenTests }),
    ...(hiddenAnswer === undefined ? {} : { answerChecks: hiddenAnswer }),
    ...(task.visibleChecks === undefined ? {} : { visibleChecks: task.visibleChecks }),
  });
  const put = await unary(reward, 'putTask', request, { signal });
  return put.task;
}
