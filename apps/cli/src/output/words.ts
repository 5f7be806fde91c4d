import { FeedbackSource, type RunResult, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import { type Usage, WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { cut } from './fit-width.js';
import { printable } from './printable.js';
import type { SlowPart } from '../embedded/slow-part.js';

/** What is said instead of a price that is not known. */
export const PRICE_UNKNOWN = 'price unknown';

/** Tokens, calls and price in words; "price unknown" when it is. */
export function usageFacts(usage: Usage | undefined): string[] {
  if (usage === undefined) return [];
  const tokens = usage.promptTokens + usage.completionTokens;
  return [
    plural(usage.modelCalls, 'model call'),
    `${tokens.toLocaleString('en')} tokens`,
    costWords(usage.costUsd),
  ];
}

/** US dollars; an unknown price is said to be unknown, never shown as nothing. */
export function costWords(usd: number | undefined): string {
  return usd === undefined ? PRICE_UNKNOWN : `$${usd.toFixed(usd === 0 ? 0 : 4)}`;
}

/** How a run ended, in words. */
export function statusWords(result: RunResult): string {
  if (
    result.status === RunStatus.RUN_STATUS_UNSOLVED &&
    result.stopReason === StopReason.STOP_REASON_MAX_ROUNDS
  ) {
    return 'not solved: no rounds left';
  }
  const words: Record<RunStatus, string> = {
    [RunStatus.RUN_STATUS_UNSPECIFIED]: 'ended',
    [RunStatus.RUN_STATUS_SOLVED]: solvedWords(result),
    [RunStatus.RUN_STATUS_UNSOLVED]: 'not solved',
    [RunStatus.RUN_STATUS_BUDGET]: 'stopped: the budget is used up',
    [RunStatus.RUN_STATUS_DEADLINE]: 'stopped: the deadline has passed',
    [RunStatus.RUN_STATUS_CANCELLED]: 'cancelled',
    [RunStatus.RUN_STATUS_UNAVAILABLE]: 'stopped: a model or service is unavailable',
    [RunStatus.RUN_STATUS_FAILED]: 'failed',
  };
  return words[result.status];
}

function solvedWords({ visible, feedbackSource }: RunResult): string {
  if (visible !== undefined) return 'solved';
  const unchecked = feedbackSource === FeedbackSource.FEEDBACK_SOURCE_EXECUTION;
  return unchecked ? 'finished; nothing could check the answer' : 'finished';
}

/** How a workflow ended that did not succeed, in words. */
export function workflowEndWords(status: WorkflowStatus): string {
  const words: Record<WorkflowStatus, string> = {
    [WorkflowStatus.WORKFLOW_STATUS_UNSPECIFIED]: 'the workflow ended',
    [WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED]: 'the workflow succeeded',
    [WorkflowStatus.WORKFLOW_STATUS_INVALID]: 'no workflow that could be run was proposed',
    [WorkflowStatus.WORKFLOW_STATUS_FAILED]: 'the workflow failed',
    [WorkflowStatus.WORKFLOW_STATUS_LIMIT]: 'the workflow was stopped at a limit',
    [WorkflowStatus.WORKFLOW_STATUS_BUDGET]: 'the workflow was stopped at the budget',
    [WorkflowStatus.WORKFLOW_STATUS_TIMEOUT]: 'the workflow was stopped at its time limit',
    [WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE]: 'a model or service was unavailable',
    [WorkflowStatus.WORKFLOW_STATUS_CANCELLED]: 'the workflow was cancelled',
  };
  return words[status];
}

/** What an answer without visible checks was found to be by another source of feedback. */
export function foundWords(source: FeedbackSource, isRight: boolean): string {
  switch (source) {
    case FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS:
      return isRight ? 'passes the tests that a model wrote' : 'fails tests that a model wrote';
    case FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT:
      return isRight ? 'a model judges it right' : 'a model judges it wrong';
    case FeedbackSource.FEEDBACK_SOURCE_EXECUTION:
      return isRight ? 'answered; nothing could check it' : 'the answer does not run';
    default:
      return 'answered, without checks to pass';
  }
}

/** Where feedback came from, in words. */
export function sourceWords(source: FeedbackSource): string {
  const words: Record<FeedbackSource, string> = {
    [FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED]: 'nothing',
    [FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS]: 'the checks that came with the task',
    [FeedbackSource.FEEDBACK_SOURCE_QUERY_EXAMPLES]: 'the examples in the query itself',
    [FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS]: 'tests that a model wrote',
    [FeedbackSource.FEEDBACK_SOURCE_EXECUTION]: 'nothing but that it came without an error',
    [FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT]: "a model's judgement",
  };
  return words[source];
}

/** What happened in a case that did not pass. */
export function failureWords(failing: {
  status: CaseStatus;
  actual: string;
  errorType: string;
  message: string;
}): string {
  if (failing.status === CaseStatus.CASE_STATUS_TIMEOUT) return '→ took too long';
  if (failing.errorType !== '') return `→ ${errorWords(failing.errorType, oneLine(failing.message))}`;
  return failing.actual === '' ? `→ ${oneLine(failing.message)}` : `→ got ${oneLine(failing.actual)}`;
}

/** `1 round`, `2 rounds`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** What the embedded services still wait for, in words. */
export function waitingWords(parts: readonly SlowPart[]): string {
  const names = { sandbox: 'sandbox', store: 'store of runs', model: 'local model' };
  return ['starting the services', ...parts.map((part) => names[part])].join(', ').replace(',', ':');
}

/** Milliseconds as `0.8 s` or `2 min 5 s`. */
export function seconds(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** An error's type and message; Python's tracebacks name the type in the message as well. */
function errorWords(type: string, message: string): string {
  return message.startsWith(`${type}:`) || message === type ? message : `${type}: ${message}`;
}

/** A text on one line, safe to print, cut to so many columns. */
export function oneLine(text: string, columns = 100): string {
  return cut(printable(text.replace(/\s+/g, ' ').trim()), columns);
}

/**
 * The beginning of a run's id that holds its time of creation to the millisecond:
 * enough to name it among the runs of one user.
 */
export function shortRun(name: string): string {
  return name.replace(/^runs\//, '').slice(0, 13);
}
