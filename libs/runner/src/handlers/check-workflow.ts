import type {
  CheckWorkflowRequest,
  CheckWorkflowResponse,
  WorkBound as WorkBoundMessage,
} from '@flowreasoner/contracts/workflow';
import { checkWorkflow, programToMessage, type WorkBound } from '@flowreasoner/workflow';
import { requireOperators } from './operator-names.js';
import { toDiagnostic } from './diagnostic-codec.js';

/**
 * Answers CheckWorkflow.
 *
 * @throws FlowError INVALID_ARGUMENT for an operator that does not exist
 */
export function handleCheckWorkflow(request: CheckWorkflowRequest): CheckWorkflowResponse {
  requireOperators('operators', request.operators);
  const checked = checkWorkflow(request.source, { prompts: request.prompts, operators: request.operators });
  const { bounds, measures, program } = checked;
  return {
    valid: checked.valid,
    diagnostics: checked.diagnostics.map(toDiagnostic),
    program: program === undefined ? undefined : programToMessage(program),
    bounds: bounds && { least: toBound(bounds.least), greatest: toBound(bounds.greatest) },
    measures: measures && { ...measures },
    normalForm: checked.normalForm,
    reasoning: checked.reasoning,
    modification: checked.modification,
  };
}

/** Numbers beyond what a field holds count as unbounded. */
const MOST = 2 ** 32 - 1;

function toBound(bound: WorkBound): WorkBoundMessage {
  const finite = (count: number | undefined): number | undefined =>
    count === undefined || count > MOST ? undefined : count;
  const tokens =
    bound.tokens === undefined || !Number.isFinite(bound.tokens) ? undefined : BigInt(bound.tokens);
  return {
    operatorCalls: finite(bound.operatorCalls),
    modelCalls: finite(bound.modelCalls),
    tokens,
    criticalPath: finite(bound.criticalPath),
  };
}
