import type { RoundEvaluated } from '@flowreasoner/contracts/metaagent';
import { WorkflowStatus, type Usage, type WorkflowResult } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import type { PastRound, RoundPlan } from '../policies/policy.js';
import type { RecordedRound } from '../runs/run-record.js';
import type { SolveContext } from './context.js';
import { evaluateResult, noEvaluation, type Evaluation } from './evaluate-result.js';
import { joinFeedback, usageText } from './feedback-text.js';
import { proposeRound, recordedProposals, type AcceptedProposal, type Proposed } from './propose-round.js';
import { isOfModel, runWorkflow } from './run-workflow.js';
import { noUsage } from './usage.js';
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
  const recorded = context.record.round(round);
  const startedAt = recorded?.startedAt ?? clock.now();
  if (recorded === undefined) {
    context.emit(round, {
      $case: 'roundStarted',
      value: { summary: plan.summary, parentRound: plan.parentRound },
    });
  }
  const proposed = await proposeRound(context, round, plan, history);
  const { accepted } = proposed;
  const { evaluations, budgetCut } =
    accepted === undefined
      ? { evaluations: [rejectedEvaluation(context, proposed)], budgetCut: undefined }
      : await runAccepted(context, round, accepted);
  const best = bestOf(evaluations);
  const score = evaluations.reduce((sum, each) => sum + each.score, 0) / evaluations.length;
  const usage = context.ledger.round;
  const durationMs = Math.max(0, clock.now() - startedAt);
  const feedback = joinFeedback([...best.lines, usageText(usage, durationMs)]);
  context.emit(round, {
    $case: 'roundEvaluated',
    value: evaluated(best, { score, feedback, usage, durationMs }),
  });
  const parent = history.find((each) => each.round === plan.parentRound);
  return {
    round,
    past:
      accepted &&
      pastRound(round, accepted, {
        score,
        feedback,
        parentScore: parent?.score,
        isCutByBudget: budgetCut !== undefined,
      }),
    best,
    usage,
    budgetCut,
  };
}

function evaluated(
  best: Evaluation,
  round: Pick<RoundEvaluated, 'score' | 'feedback' | 'usage' | 'durationMs'>,
): RoundEvaluated {
  return {
    ...round,
    workflowStatus: best.status,
    answer: best.answer,
    visible: best.visible,
    feedbackSource: best.source,
    verdict: best.verdict,
    answerScore: best.score,
    solved: best.solved,
  };
}

function pastRound(
  round: number,
  { proposal, checked }: AcceptedProposal,
  result: Pick<PastRound, 'score' | 'feedback' | 'parentScore' | 'isCutByBudget'>,
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
  const recorded = context.record.round(round);
  const done = recorded?.results ?? [];
  for (let run = 0; run < context.options.validationRuns; run++) {
    const result =
      done[run] ??
      (await runWorkflow(context, {
        round,
        source: proposal.source,
        seed: seedFrom(context.options.seed, round, run),
        temperature: proposal.temperature,
        attempt: run === done.length ? recorded?.attempt : undefined,
      }));
    throwIfBroken(result);
    const evaluation = await evaluateResult(context, result);
    evaluations.push(evaluation);
    const budgetCut = budgetCutOf(result);
    if (budgetCut !== undefined) return { evaluations, budgetCut };
    if (evaluation.solved) break;
    if (context.ledger.exhausted !== undefined) break;
  }
  return { evaluations, budgetCut: undefined };
}

function budgetCutOf(result: WorkflowResult | undefined): BudgetCut | undefined {
  if (result?.status !== WorkflowStatus.WORKFLOW_STATUS_BUDGET) return undefined;
  const { errorType, message } = result;
  // The runner names the limit, in lower case, or why the budget can't be kept, as an error's reason.
  const reason = /^[A-Z]/.test(errorType) ? errorType : 'BUDGET_EXCEEDED';
  return { reason, message: message || 'The budget was reached.' };
}

/** A round that an earlier owner of the run has finished, as its events tell it. */
export function recordedOutcome(
  recorded: RecordedRound & { readonly evaluated: RoundEvaluated },
  history: readonly PastRound[],
): RoundOutcome {
  const { round, evaluated } = recorded;
  const { accepted } = recordedProposals(recorded.proposals);
  const { score, feedback, answer, visible, verdict } = evaluated;
  const parent = history.find((each) => each.round === recorded.parentRound);
  const budgetCut = budgetCutOf(recorded.results.at(-1));
  const isCutByBudget = budgetCut !== undefined;
  return {
    round,
    past:
      accepted && pastRound(round, accepted, { score, feedback, parentScore: parent?.score, isCutByBudget }),
    best: {
      status: evaluated.workflowStatus,
      answer,
      score: evaluated.answerScore ?? score,
      visible,
      verdict,
      // Events of earlier versions don't tell it: then all visible checks, or a full score, say it.
      solved:
        evaluated.solved ?? (answer !== '' && (visible ? visible.passed === visible.total : score === 1)),
      source: evaluated.feedbackSource,
      lines: [],
    },
    usage: evaluated.usage ?? noUsage,
    budgetCut,
  };
}

/** Ends the run where the workflow ended through no fault of its own. */
function throwIfBroken(result: WorkflowResult): void {
  const { status } = result;
  if (status === WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE) {
    throw new FlowError('UNAVAILABLE', result.errorType || 'MODEL_UNAVAILABLE', result.message, {
      // What a model's error says tells already what to look at.
      ...(isOfModel(result) ? {} : { hint: 'Check that the sandbox is up, then try again.' }),
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

function rejectedEvaluation({ task }: SolveContext, { rejected }: Proposed): Evaluation {
  const last = rejected.at(-1);
  const lines =
    last === undefined
      ? ['No workflow was proposed.']
      : ['No proposed workflow could be run; the last one:', ...last.problems];
  return noEvaluation(WorkflowStatus.WORKFLOW_STATUS_INVALID, lines, task.source);
}
