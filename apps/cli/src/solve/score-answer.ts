import { randomUUID } from 'node:crypto';
import type { HiddenScore, RunResult } from '@flowreasoner/contracts/metaagent';
import { ScoreRequest, ScoreStatus, type RewardServiceClient } from '@flowreasoner/contracts/reward';
import type { Budget } from '@flowreasoner/contracts/workflow';
import { unary } from '@flowreasoner/rpc';

/** The answer is there already: scoring it has a time of its own, in milliseconds. */
const SCORE_DEADLINE_MS = 120_000;

/** What is scored, and against which tests. */
export interface ScoreAnswerOptions {
  readonly reward: RewardServiceClient;
  /** Handle of the task at the reward service. */
  readonly task: string;
  /** A result with an answer. */
  readonly result: Pick<RunResult, 'answer' | 'workflow' | 'usage'>;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

/** A score, or why there is none. */
export type ScoredAnswer =
  { readonly score: HiddenScore } | { readonly score: undefined; readonly message: string };

/** Has the reward service score an answer by hidden tests. That it fails is a value: the answer stays what it is. */
export async function scoreAnswer(options: ScoreAnswerOptions): Promise<ScoredAnswer> {
  const { reward, task, result, budget, signal } = options;
  const { answer, workflow, usage } = result;
  const sample = { sampleId: randomUUID(), answer, workflow, valid: true, executed: true, budget };
  const request = ScoreRequest.fromPartial({
    task,
    sample: { ...sample, ...(usage === undefined ? {} : { usage }) },
  });
  try {
    const { score } = await unary(reward, 'score', request, { signal, deadlineMs: SCORE_DEADLINE_MS });
    if (score?.status === ScoreStatus.SCORE_STATUS_OK && score.passRates !== undefined) {
      return { score: { ...score.passRates, reward: score.reward } };
    }
    return unscored('the reward service gave no score that counts');
  } catch (error) {
    signal.throwIfAborted();
    return unscored(error instanceof Error ? error.message : String(error));
  }
}

function unscored(why: string): ScoredAnswer {
  return { score: undefined, message: `The hidden tests could not be run: ${why}` };
}
