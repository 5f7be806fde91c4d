import type {
  CheckWorkflowRequest,
  CheckWorkflowResponse,
  WorkBound as WorkBoundMessage,
} from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import {
  programToMessage,
  type CheckOptions,
  type RequestPrice,
  type WorkBound,
} from '@flowreasoner/workflow';
import { checkRecent } from '../check-recent.js';
import { requireOperators } from './operator-names.js';
import { toDiagnostic } from './diagnostic-codec.js';

/**
 * Answers CheckWorkflow.
 *
 * @throws FlowError INVALID_ARGUMENT for an operator that does not exist and for a price below 0
 */
export function handleCheckWorkflow(request: CheckWorkflowRequest): CheckWorkflowResponse {
  requireOperators('operators', request.operators);
  const checked = checkRecent(request.source, {
    prompts: request.prompts,
    promptsFinal: request.promptsFinal,
    operators: request.operators,
    ...requestBounds(request),
  });
  const { bounds, measures, program } = checked;
  return {
    valid: checked.valid,
    diagnostics: checked.diagnostics.map(toDiagnostic),
    program: program === undefined || request.omitProgram ? undefined : programToMessage(program),
    bounds: bounds && { least: toBound(bounds.least), greatest: toBound(bounds.greatest) },
    measures: measures && { ...measures },
    normalForm: checked.normalForm,
    reasoning: checked.reasoning,
    modification: checked.modification,
  };
}

function requestBounds({ requestBounds: given, price }: CheckWorkflowRequest): CheckOptions {
  return {
    ...(given && {
      leastPromptTokens: given.leastPromptTokens,
      ...(given.greatestPromptTokens !== undefined && { greatestPromptTokens: given.greatestPromptTokens }),
      ...(given.greatestCompletionTokens !== undefined && {
        greatestCompletionTokens: given.greatestCompletionTokens,
      }),
    }),
    ...(price && { price: requirePrice(price) }),
  };
}

function requirePrice(price: RequestPrice): RequestPrice {
  for (const [name, usd] of Object.entries(price)) {
    if (Number.isFinite(usd) && usd >= 0) continue;
    const field = `price.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const description = 'a price is a number of US dollars for a million tokens, 0 or more';
    throw new FlowError('INVALID_ARGUMENT', 'PRICE_INVALID', description, {
      fieldViolations: [{ field, description }],
    });
  }
  return price;
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
    costUsd: bound.costUsd,
    criticalPath: finite(bound.criticalPath),
  };
}
