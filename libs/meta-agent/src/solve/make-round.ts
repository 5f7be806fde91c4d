import type { RoundEvaluated } from '@flowreasoner/contracts/metaagent';
import { WorkflowStatus, type Usage, type WorkflowResult } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import type { PastRound, RoundPlan } from '../policies/policy.js';
import type { SolveContext } from './context.js';
import { evaluateResult, noEvaluation, type Evaluation } from './evaluate-result.js';
import { joinFeedback, usageText } from './feedback-text.js';
import { proposeRound, type AcceptedProposal, type Proposed } from './propose-round.js';
import { runWorkflow } from './run-workflow.js';
import { seedFrom } from './seeded-random.js';

/** What a workflow that was cut by the budget tells. */
export interface BudgetCut {
  /** Such as BUDGET_EXCEEDED or PRICE_UNKNOWN. */
  readonly reason: string;
  readonly message: string;
}

/** A finished round. */
export interface RoundOutcome {
  readonly round: number;
  /** Absent when no workflow of the round could be run. */
  readonly past: PastRound | undefined;
  readonly best: Evaluation;
  readonly usage: Usage;
  /** Why the budget cut the round's workflow; absent when it did not. */
  readonly budgetCut: BudgetCut | undefined;
}

/**
 * Makes one round: propose, check, run, evaluate. Its last event is
 * `round_evaluated`.
 *
 * @throws FlowError when the run can't go on; what was used by then is in the ledger
 */
export async function makeRound(
  context: SolveContext,
  round: number,
  plan: RoundPlan,
  history: readonly PastRound[],
): Promise<RoundOutcome> {
  const { clock } = context.ports;
  const startedAt = clock.now();
  context.emit(round, {
    $case: 'roundStarted',
    value: { summary: plan.summary, parentRound: plan.parentRound },
  });
  const proposed = await proposeRound(context, round, plan, history);
  const { accepted } = proposed;
  const { evaluations, budgetCut } =
    accepted === undefined
      ? { evaluations: [rejectedEvaluation(proposed)], budgetCut: undefined }
      : await runAccepted(context, round, accepted);
  const best = bestOf(evaluations);
  const score = evaluations.reduce((sum, each) => sum + each.score, 0) / evaluations.length;
  const usage = context.ledger.round;
  const durationMs = Math.max(0, clock.now() - startedAt);
  const feedback = joinFeedback([...best.lines, usageText(usage, durationMs)]);
  context.emit(round, {
    $case: 'roundEvaluated',
    value: evaluated(context, best, { score, feedback, usage, durationMs }),
  });
  const parent = history.find((each) => each.round === plan.parentRound);
  return {
    round,
    past: accepted && pastRound(round, accepted, { score, feedback, parentScore: parent?.score }),
    best,
    usage,
    budgetCut,
  };
}

function evaluated(
  context: SolveContext,
  best: Evaluation,
  round: Pick<RoundEvaluated, 'score' | 'feedback' | 'usage' | 'durationMs'>,
): RoundEvaluated {
  return {
    ...round,
    workflowStatus: best.status,
    answer: best.answer,
    visible: best.visible,
    feedbackSource: context.task.source,
    verdict: best.verdict,
  };
}

function pastRound(
  round: number,
  { proposal, checked }: AcceptedProposal,
  result: Pick<PastRound, 'score' | 'feedback' | 'parentScore'>,
): PastRound {
  return {
    ...result,
    round,
    source: proposal.source,
    normalForm: checked.normalForm,
    temperature: proposal.temperature,
    modification: proposal.modification || checked.modification,
  };
}

/** Runs a workflow once for each validation run, until an answer can't be bettered or the budget is cut. */
async function runAccepted(
  context: SolveContext,
  round: number,
  { proposal }: AcceptedProposal,
): Promise<{ evaluations: Evaluation[]; budgetCut: BudgetCut | undefined }> {
  const evaluations: Evaluation[] = [];
  for (let run = 0; run < context.options.validationRuns; run++) {
    const result = await runWorkflow(context, {
      round,
      source: proposal.source,
      seed: seedFrom(context.options.seed, round, run),
      temperature: proposal.temperature,
    });
    throwIfBroken(result);
    const evaluation = await evaluateResult(context, result);
    evaluations.push(evaluation);
    if (result.status === WorkflowStatus.WORKFLOW_STATUS_BUDGET) {
      const { errorType, message } = result;
      const budgetCut = {
        reason: errorType || 'BUDGET_EXCEEDED',
        message: message || 'The budget was reached.',
      };
      return { evaluations, budgetCut };
    }
    if (evaluation.solved) break;
    if (context.ledger.exhausted !== undefined) break;
  }
  return { evaluations, budgetCut: undefined };
}

/** Ends the run where the workflow ended through no fault of its own. */
function throwIfBroken(result: WorkflowResult): void {
  const { status } = result;
  if (status === WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE) {
    throw new FlowError('UNAVAILABLE', result.errorType || 'MODEL_UNAVAILABLE', result.message, {
      hint: 'Check that the worker model and the sandbox are up, then try again.',
    });
  }
  if (status === WorkflowStatus.WORKFLOW_STATUS_CANCELLED) {
    throw new FlowError('UNAVAILABLE', 'RUNNER_CANCELLED', 'The workflow runner stopped the workflow.', {
      hint: 'The runner may be restarting; try again.',
    });
  }
}

function bestOf(evaluations: readonly Evaluation[]): Evaluation {
  const [first, ...others] = evaluations;
  if (first === undefined) throw new Error('a round without an evaluation');
  return others.reduce((best, each) => (isBetter(each, best) ? each : best), first);
}

function isBetter(a: Evaluation, b: Evaluation): boolean {
  return a.score > b.score || (b.answer === '' && a.answer !== '');
}

function rejectedEvaluation({ rejected }: Proposed): Evaluation {
  const last = rejected.at(-1);
  const lines =
    last === undefined
      ? ['No workflow was proposed.']
      : ['No proposed workflow could be run; the last one:', ...last.problems];
  return noEvaluation(WorkflowStatus.WORKFLOW_STATUS_INVALID, lines);
}
