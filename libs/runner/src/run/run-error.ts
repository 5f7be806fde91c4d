import { FlowError } from '@flowreasoner/rpc';
import { OperatorError } from '@flowreasoner/workflow';

const BUDGET_REASONS: ReadonlySet<string> = new Set(['BUDGET_EXCEEDED', 'PRICE_UNKNOWN', 'ENDPOINT_OVERRAN']);

/** The limits of a budget, as the fields of the message Budget name them. */
const BUDGET_FIELDS: ReadonlyMap<string, string> = new Map([
  ['costUsd', 'cost_usd'],
  ['tokens', 'tokens'],
  ['modelCalls', 'model_calls'],
  ['sandboxMs', 'sandbox_ms'],
]);

/** Whether an error says that the run's budget is used up or can't be kept. */
export function isBudgetError(error: unknown): boolean {
  return error instanceof FlowError && BUDGET_REASONS.has(error.reason);
}

/** What results and events call an error: the limit of the budget that was reached, otherwise the reason. */
export function errorTypeOf({ reason, options }: FlowError): string {
  const limit = reason === 'BUDGET_EXCEEDED' ? options.metadata?.['limit'] : undefined;
  return BUDGET_FIELDS.get(limit ?? '') ?? reason;
}

/**
 * What a failed request means for the program: an exception that it may catch
 * where the program's own doing is wrong (a prompt beyond a limit), otherwise an
 * error that ends the run.
 */
export function toProgramError(error: unknown): unknown {
  if (error instanceof FlowError && error.code === 'INVALID_ARGUMENT') {
    return new OperatorError('ValueError', error.message);
  }
  return error;
}
