import type { CheckWorkflowResponse, WorkBound } from '@flowreasoner/contracts/workflow';
import { unary } from '@flowreasoner/rpc';
import { timeLeft, type SolveContext } from './context.js';
import { callDependency, dependencies } from './dependency.js';

const checkDeadlineMs = 30_000;

/** Has the runner check a workflow's source; the program itself is not told. */
export async function checkSource(
  context: Pick<SolveContext, 'ports' | 'signal' | 'tenant' | 'deadlineAt'>,
  source: string,
): Promise<CheckWorkflowResponse> {
  const { ports, signal, tenant } = context;
  const deadlineMs = Math.min(checkDeadlineMs, timeLeft(context) + 1_000);
  return callDependency(context, dependencies.runner, () =>
    unary(
      ports.workflows,
      'checkWorkflow',
      {
        ...{ source, prompts: '', operators: [], requestBounds: undefined, price: undefined },
        promptsFinal: true,
        omitProgram: true,
      },
      { signal, tenant, deadlineMs },
    ),
  );
}

/**
 * Why what is left of the budget can't hold even the cheapest path through a
 * program; empty when it can.
 */
export function budgetRefusal(context: Pick<SolveContext, 'ledger'>, least: WorkBound | undefined): string {
  const { modelCalls, tokens } = context.ledger.remaining;
  const needsCalls = least?.modelCalls ?? 0;
  const needsTokens = Number(least?.tokens ?? 0n);
  if (modelCalls !== undefined && needsCalls > modelCalls) {
    return `It makes at least ${needsCalls} model calls, and ${modelCalls} are left.`;
  }
  if (tokens !== undefined && needsTokens > tokens) {
    return `It needs at least ${needsTokens} tokens, and ${tokens} are left.`;
  }
  return '';
}
