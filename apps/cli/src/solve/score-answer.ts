import { randomUUID } from 'node:crypto';
import type { HiddenScore, RunResult } from '@flowreasoner/contracts/metaagent';
import {
  PutTaskRequest,
  ScoreRequest,
  ScoreStatus,
  type RewardServiceClient,
} from '@flowreasoner/contracts/reward';
import type { Budget } from '@flowreasoner/contracts/workflow';
import { unary } from '@flowreasoner/rpc';
import type { TaskInput } from '../task/read-task.js';

/** The answer is there already: scoring it has a time of its own, in milliseconds. */
const SCORE_DEADLINE_MS = 120_000;

/** What is scored, and against which tests. */
export interface ScoreAnswerOptions {
  readonly reward: RewardServiceClient;
  readonly input: TaskInput;
  readonly result: Pick<RunResult, 'answer' | 'workflow' | 'usage'>;
  readonly budget: Budget;
  /** Whether the workflow ran to its end. */
  readonly executed: boolean;
  readonly signal: AbortSignal;
}

/**
 * Puts the hidden tests to the reward service and has it score an answer by them.
 *
 * @returns undefined where the task has none, or the service gives no score that counts
 * @throws FlowError when the service refuses or can't be reached
 */
export async function scoreAnswer(options: ScoreAnswerOptions): Promise<HiddenScore | undefined> {
  const { reward, input, result, signal } = options;
  if (input.hiddenTests === undefined) return undefined;
  const requestId = randomUUID();
  const { visibleChecks } = input.task;
  const { task } = await unary(
    reward,
    'putTask',
    PutTaskRequest.fromPartial({
      requestId,
      hiddenTests: input.hiddenTests,
      ...(visibleChecks === undefined ? {} : { visibleChecks }),
    }),
    { signal },
  );
  const { answer, workflow, usage } = result;
  const sample = { sampleId: requestId, answer, workflow, valid: true, executed: options.executed };
  const request = ScoreRequest.fromPartial({
    task,
    sample: { ...sample, budget: options.budget, ...(usage === undefined ? {} : { usage }) },
  });
  const { score } = await unary(reward, 'score', request, { signal, deadlineMs: SCORE_DEADLINE_MS });
  if (score?.status !== ScoreStatus.SCORE_STATUS_OK || score.passRates === undefined) return undefined;
  return { ...score.passRates, reward: score.reward };
}
