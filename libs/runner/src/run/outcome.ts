import { WorkflowStatus, type WorkflowResult } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import type { LimitName, ProgramOutcome } from '@flowreasoner/workflow';
import { errorTypeOf, isBudgetError } from './run-error.js';

type End = Pick<WorkflowResult, 'status' | 'answer' | 'errorType' | 'message'>;

const LIMITS: Readonly<Record<LimitName, string>> = {
  steps: 'interpreter steps',
  operator_calls: 'operator calls',
  depth: 'levels of nesting',
  string_length: 'characters in one string',
  collection_length: 'items in one collection',
  integer_size: 'bits in one integer',
  allocation: 'units of memory',
};

/** How a run ended, as messages say it. */
export function describeEnd(outcome: ProgramOutcome): End {
  const end = (status: WorkflowStatus, errorType: string, message: string): End => ({
    status,
    answer: '',
    errorType,
    message,
  });
  switch (outcome.status) {
    case 'succeeded':
      return { ...end(WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED, '', ''), answer: outcome.answer };
    case 'failed': {
      const { errorType, message, range } = outcome;
      const where = range === undefined ? '' : `line ${range.startLine}: `;
      return end(WorkflowStatus.WORKFLOW_STATUS_FAILED, errorType, `${where}${message}`);
    }
    case 'limit':
      return end(
        WorkflowStatus.WORKFLOW_STATUS_LIMIT,
        outcome.limit,
        `the workflow reached the limit of ${outcome.allowed} ${LIMITS[outcome.limit]}`,
      );
    case 'timeout':
      return end(
        WorkflowStatus.WORKFLOW_STATUS_TIMEOUT,
        'wall_ms',
        `the workflow took longer than ${outcome.allowedMs} ms`,
      );
    case 'cancelled':
      return end(WorkflowStatus.WORKFLOW_STATUS_CANCELLED, 'cancelled', 'the caller cancelled the workflow');
    case 'stopped':
      return describeStop(outcome.cause, end);
  }
}

function describeStop(
  cause: unknown,
  end: (status: WorkflowStatus, type: string, message: string) => End,
): End {
  if (!(cause instanceof FlowError)) throw cause;
  const hint = cause.options.hint === undefined ? '' : ` ${cause.options.hint}`;
  if (isBudgetError(cause)) {
    return end(WorkflowStatus.WORKFLOW_STATUS_BUDGET, errorTypeOf(cause), cause.message + hint);
  }
  // A request may notice the run's deadline before the interpreter does.
  if (cause.code === 'DEADLINE_EXCEEDED') {
    return end(WorkflowStatus.WORKFLOW_STATUS_TIMEOUT, 'wall_ms', cause.message);
  }
  return end(WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE, cause.reason, cause.message + hint);
}
