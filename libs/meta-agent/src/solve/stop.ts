import { FeedbackSource, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import type { CompleteOptions, SolveContext } from './context.js';

// What the budget's gate refuses with: no room, no known price, an endpoint that takes more than it says.
const budgetReasons = new Set(['BUDGET_EXCEEDED', 'PRICE_UNKNOWN', 'ENDPOINT_OVERRAN']);

/** Why no further round is made. */
export interface Stop {
  readonly reason: StopReason;
  readonly status: RunStatus;
  readonly message: string;
  /** Machine-readable reason of an error. */
  readonly errorReason: string;
  readonly hint: string;
}

/** A stop that is no error. */
export function plainStop(reason: StopReason, status: RunStatus, message: string): Stop {
  return { reason, status, message, errorReason: '', hint: '' };
}

/**
 * The stop of a run whose best answer leaves nothing to ask for. What the answer
 * cost is spent by then and another round would only add to it, so that no plan
 * that is still to come can make this query cheaper.
 *
 * @param source of the feedback that the answer satisfies
 */
export function solvedStop(source: FeedbackSource): Stop {
  return plainStop(solvedReasons[source], RunStatus.RUN_STATUS_SOLVED, '');
}

const solvedReasons: Readonly<Record<FeedbackSource, StopReason>> = {
  [FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED]: StopReason.STOP_REASON_NO_CHECKS,
  [FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS]: StopReason.STOP_REASON_ALL_CHECKS_PASS,
  [FeedbackSource.FEEDBACK_SOURCE_QUERY_EXAMPLES]: StopReason.STOP_REASON_ALL_CHECKS_PASS,
  [FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS]: StopReason.STOP_REASON_MODEL_SATISFIED,
  [FeedbackSource.FEEDBACK_SOURCE_EXECUTION]: StopReason.STOP_REASON_NO_CHECKS,
  [FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT]: StopReason.STOP_REASON_MODEL_SATISFIED,
};

/** The stop of a run whose policy gives up. */
export function exhaustedStop(message: string): Stop {
  return plainStop(StopReason.STOP_REASON_EXHAUSTED, RunStatus.RUN_STATUS_UNSOLVED, message);
}

/** The stop of a run whose budget is reached. */
export function budgetStop(message: string, errorReason = 'BUDGET_EXCEEDED'): Stop {
  return {
    ...plainStop(StopReason.STOP_REASON_BUDGET, RunStatus.RUN_STATUS_BUDGET, message),
    errorReason,
    hint: errorReason === 'BUDGET_EXCEEDED' ? 'Give the run a larger budget.' : '',
  };
}

/** Whether a run that was stopped like this is not called solved, whatever its best answer. */
export function isEnded(stop: Stop): boolean {
  return stop.reason === StopReason.STOP_REASON_CANCELLED || stop.reason === StopReason.STOP_REASON_ERROR;
}

/** What a run is aborted with at its deadline. */
export function runDeadlineError({ deadlineMs }: Pick<CompleteOptions, 'deadlineMs'>): FlowError {
  return new FlowError('DEADLINE_EXCEEDED', 'RUN_DEADLINE', `The deadline of ${deadlineMs} ms was reached.`, {
    hint: 'Give the run more time.',
  });
}

/** The stop that an error means; an abort of the run counts before what it made fail. */
export function stopOfError(context: Pick<SolveContext, 'signal' | 'options'>, error: unknown): Stop {
  const cause = causeOf(context, error);
  if (!(cause instanceof FlowError)) return fault;
  const said = { message: cause.message, errorReason: cause.reason, hint: cause.options.hint ?? '' };
  if (cause.reason === 'RUN_DEADLINE') {
    return { ...said, reason: StopReason.STOP_REASON_DEADLINE, status: RunStatus.RUN_STATUS_DEADLINE };
  }
  if (context.signal.aborted && cause.code === 'CANCELLED') {
    return { ...said, reason: StopReason.STOP_REASON_CANCELLED, status: RunStatus.RUN_STATUS_CANCELLED };
  }
  if (budgetReasons.has(cause.reason)) {
    return { ...said, reason: StopReason.STOP_REASON_BUDGET, status: RunStatus.RUN_STATUS_BUDGET };
  }
  const ours = cause.code === 'INTERNAL' || cause.code === 'ABORTED' || cause.code === 'DATA_LOSS';
  const status = ours ? RunStatus.RUN_STATUS_FAILED : RunStatus.RUN_STATUS_UNAVAILABLE;
  return { ...said, reason: StopReason.STOP_REASON_ERROR, status };
}

function causeOf({ signal, options }: Pick<SolveContext, 'signal' | 'options'>, error: unknown): unknown {
  if (signal.aborted) return signal.reason;
  // A request to the meta model ends at the run's deadline by a timer of its own, which may be the first.
  if (error instanceof FlowError && error.reason === 'MODEL_CALL_DEADLINE') return runDeadlineError(options);
  return error;
}

/** A fault of ours; the log tells more than a caller should see. */
const fault: Stop = {
  reason: StopReason.STOP_REASON_ERROR,
  status: RunStatus.RUN_STATUS_FAILED,
  message: 'The service failed while it worked on the run.',
  errorReason: 'INTERNAL',
  hint: "The service's log tells more.",
};
