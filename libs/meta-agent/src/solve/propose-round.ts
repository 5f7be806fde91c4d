import type { WorkflowProposed } from '@flowreasoner/contracts/metaagent';
import type { CheckWorkflowResponse, Diagnostic } from '@flowreasoner/contracts/workflow';
import { Severity } from '@flowreasoner/contracts/workflow';
import { heldCalls, holdProblem } from '../policies/ir/held-calls.js';
import type { PastRound, ProposeHooks, Proposal, RejectedProposal, RoundPlan } from '../policies/policy.js';
import { askMeta, metaTakesGrammar } from './ask-meta.js';
import { budgetRefusal, checkSource } from './check-source.js';
import type { SolveContext } from './context.js';
import { diagnosticsText } from './feedback-text.js';

/** A proposal that can be run. */
export interface AcceptedProposal {
  readonly proposal: Proposal;
  readonly checked: Pick<CheckWorkflowResponse, 'normalForm' | 'modification'>;
}

/** What came of a round's proposals. */
export interface Proposed {
  /** Absent when every try was rejected. */
  readonly accepted: AcceptedProposal | undefined;
  readonly rejected: readonly RejectedProposal[];
}

/** Far above any real workflow; the checker takes no more either. */
export const maxSourceBytes = 128 * 1024;

/**
 * Lets a policy propose until a workflow is valid, new and within budget, or
 * until the round's tries are used up. Each try is added to the journal.
 */
export async function proposeRound(
  context: SolveContext,
  round: number,
  plan: RoundPlan,
  history: readonly PastRound[],
): Promise<Proposed> {
  const { accepted, rejected } = recordedProposals(context.record.round(round)?.proposals ?? []);
  if (accepted !== undefined) return { accepted, rejected };
  const hooks: ProposeHooks = {
    signal: context.signal,
    ask: (request) => askMeta(context, request),
    takesGrammar: () => metaTakesGrammar(context),
  };
  for (let repair = rejected.length; repair <= context.options.maxRepairs; repair++) {
    const proposal = await plan.propose(rejected, hooks);
    if (proposal === undefined) break;
    const checked = await checkProposal(context, proposal);
    const refusal = checked.valid ? refusalOf(context, proposal, checked, history) : '';
    context.emit(round, {
      $case: 'workflowProposed',
      value: {
        source: proposal.source,
        modification: proposal.modification || checked.modification,
        valid: checked.valid,
        diagnostics: checked.diagnostics,
        bounds: checked.bounds,
        repair,
        refusal,
        temperature: proposal.temperature,
        normalForm: checked.normalForm,
      },
    });
    if (checked.valid && refusal === '') return { accepted: { proposal, checked }, rejected };
    rejected.push({
      proposal,
      normalForm: checked.normalForm,
      problems: problemsOf(checked.diagnostics, refusal),
    });
  }
  return { accepted: undefined, rejected };
}

function problemsOf(diagnostics: readonly Diagnostic[], refusal: string): string[] {
  if (refusal !== '') return [refusal];
  return diagnosticsText(diagnostics.filter((each) => each.severity === Severity.SEVERITY_ERROR));
}

/** What earlier tries of the round came to, by the journal's events. */
export function recordedProposals(events: readonly WorkflowProposed[]): {
  accepted: AcceptedProposal | undefined;
  rejected: RejectedProposal[];
} {
  const rejected: RejectedProposal[] = [];
  for (const event of events) {
    const { source, modification, temperature, normalForm, valid, refusal, diagnostics } = event;
    const proposal = { source, modification, temperature };
    if (valid && refusal === '') {
      // Events of earlier versions don't tell the normal form; equal sources have equal ones.
      const checked = { normalForm: normalForm || source, modification };
      return { accepted: { proposal, checked }, rejected };
    }
    rejected.push({ proposal, normalForm, problems: problemsOf(diagnostics, refusal) });
  }
  return { accepted: undefined, rejected };
}

/** Checks a proposal; what could never be valid does not reach the checker. */
async function checkProposal(context: SolveContext, proposal: Proposal): Promise<CheckWorkflowResponse> {
  const bytes = Buffer.byteLength(proposal.source);
  if (bytes > maxSourceBytes)
    return unusable(`The answer is ${bytes} bytes long; at most ${maxSourceBytes} are read.`);
  if (proposal.source.trim() === '') return unusable('The answer is empty: it must hold a workflow.');
  const checked = await checkSource(context, proposal.source);
  // Whatever else is wrong with half a workflow, that is why.
  if (checked.valid || proposal.isCut !== true) return checked;
  return unusable('The answer was cut at its greatest length: think less and write a shorter workflow.');
}

function unusable(message: string): CheckWorkflowResponse {
  const start = { line: 1, column: 1 };
  return {
    valid: false,
    diagnostics: [{ code: 'META', severity: Severity.SEVERITY_ERROR, message, start, end: start }],
    program: undefined,
    bounds: undefined,
    measures: undefined,
    normalForm: '',
    reasoning: '',
    modification: '',
  };
}

/** Why a valid workflow is not run; empty when it is. */
function refusalOf(
  context: SolveContext,
  proposal: Proposal,
  checked: CheckWorkflowResponse,
  history: readonly PastRound[],
): string {
  const same = history.find(
    (past) => past.normalForm === checked.normalForm && past.temperature === proposal.temperature,
  );
  if (same !== undefined) return `It is the same workflow as that of round ${same.round}.`;
  const { seedWorkflow, hold } = context.options;
  const broken = holdProblem(proposal.source, heldCalls(seedWorkflow, hold));
  return broken ?? budgetRefusal(context, checked.bounds?.least);
}
