import type { HiddenScore } from '@flowreasoner/contracts/metaagent';
import { ScoreStatus } from '@flowreasoner/contracts/reward';
import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { FlowError, unary } from '@flowreasoner/rpc';
import type { SolveContext } from './context.js';
import type { RoundOutcome } from './make-round.js';

// The answer is there already: scoring it has a time of its own.
const scoreDeadlineMs = 120_000;

/**
 * Has the reward service run the hidden tests on a run's answer, once.
 *
 * @throws FlowError when the service can't be reached or gives no score that counts
 */
export async function scoreHidden(context: SolveContext, best: RoundOutcome): Promise<HiddenScore> {
  const { ports, task, runId, tenant, options, ledger } = context;
  if (ports.reward === undefined) {
    throw new FlowError('UNAVAILABLE', 'REWARD_UNAVAILABLE', 'no reward service is configured.');
  }
  const sample = {
    sampleId: runId,
    answer: best.best.answer,
    workflow: best.past?.source ?? '',
    valid: best.past !== undefined,
    executed: best.best.status === WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED,
    usage: ledger.total,
    budget: options.budget,
  };
  const { score } = await unary(
    ports.reward,
    'score',
    { task: task.task.rewardTask, sample, spec: '' },
    { tenant, deadlineMs: scoreDeadlineMs, signal: context.cancelSignal },
  );
  if (score?.status !== ScoreStatus.SCORE_STATUS_OK || score.passRates === undefined) {
    throw new FlowError('UNAVAILABLE', 'SCORE_UNAVAILABLE', 'the reward service gave no score that counts.');
  }
  const { passRates, reward } = score;
  return { ...passRates, reward };
}
