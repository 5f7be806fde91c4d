import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import { RoundEvaluated, RunResult, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import {
  RunWorkflowRequest,
  type WorkflowEvent,
  type WorkflowResult,
  WorkflowStatus,
} from '@flowreasoner/contracts/workflow';
import type { AnswerJudge } from '@flowreasoner/evaluate';
import { extractCode, type PreparedTask } from '@flowreasoner/meta-agent';
import { FlowError, serverStream } from '@flowreasoner/rpc';
import type { Embedded } from '../embedded/attach.js';
import { checkAnswer, type CheckedAnswer } from './check-answer.js';

/** A workflow, the task it is run on, and how. */
export interface RunOnceOptions {
  readonly services: Pick<Embedded, 'workflow' | 'sandbox'>;
  /** Judges answers in text. */
  readonly judge: AnswerJudge;
  readonly task: PreparedTask;
  /** What is run: source, prompts, model, mode, seed and budget. */
  readonly request: Pick<RunWorkflowRequest, 'source' | 'prompts' | 'worker' | 'mode' | 'seed' | 'budget'>;
  /** Greatest wall-clock time of the workflow in milliseconds; the runner's own limit when undefined. */
  readonly deadlineMs: number | undefined;
  /** The workflow's normal form. */
  readonly workflow: string;
  /** Called for every event of the workflow, in order. */
  readonly onWorkflowEvent: (event: WorkflowEvent) => void;
  /** Called for the same events, and the evaluation, in the form that runs of `solve` have. */
  readonly onEvent: (event: RunEvent) => void;
  /** Whether texts are told as they are written. */
  readonly streamTokens: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs a workflow once and checks its answer by the task's visible checks.
 *
 * @throws FlowError when a service refuses, fails or can't be reached
 */
export async function runOnce(options: RunOnceOptions): Promise<RunResult> {
  const { task } = options;
  let sequence = 0n;
  const tell = (event: RunEvent['event'], journalled = true): void => {
    if (journalled) sequence += 1n;
    options.onEvent({ run: '', sequence: journalled ? sequence : 0n, time: new Date(), round: 1, event });
  };
  const result = await runWorkflow(options, (event) => {
    options.onWorkflowEvent(event);
    tell({ $case: 'workflowEvent', value: event }, event.event?.$case !== 'tokenDelta');
  });
  const answer = task.isCode ? extractCode(result.answer) : result.answer;
  const hasAnswer = result.status === WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED && answer.trim() !== '';
  const { judge, signal } = options;
  const { sandbox } = options.services;
  const checked = hasAnswer ? await checkAnswer({ sandbox, judge, task, signal }, answer) : undefined;
  const solved = hasAnswer && (checked?.isRight ?? true);
  const usage =
    result.usage === undefined
      ? undefined
      : { ...result.usage, sandboxMs: result.usage.sandboxMs + (checked?.wallMs ?? 0) };
  const evaluated = {
    answer,
    ...(checked === undefined ? {} : { visible: checked.visible, feedbackSource: task.source }),
    durationMs: result.wallMs + (checked?.wallMs ?? 0),
    ...(usage === undefined ? {} : { usage }),
  };
  tell({
    $case: 'roundEvaluated',
    value: RoundEvaluated.fromPartial({
      ...evaluated,
      workflowStatus: result.status,
      score: checked?.score ?? (solved ? 1 : 0),
      feedback: [result.message, checked?.feedback ?? ''].filter((line) => line !== '').join('\n'),
      ...(checked?.verdict === undefined ? {} : { verdict: checked.verdict }),
    }),
  });
  return RunResult.fromPartial({
    ...evaluated,
    ...ending(result.status, solved, checked),
    workflow: options.workflow,
    bestRound: 1,
    rounds: 1,
    message: result.message,
    reason: result.errorType,
  });
}

async function runWorkflow(
  { services, task, request, deadlineMs, streamTokens, signal }: RunOnceOptions,
  onEvent: (event: WorkflowEvent) => void,
): Promise<WorkflowResult> {
  const events = serverStream(
    services.workflow,
    'runWorkflow',
    RunWorkflowRequest.fromPartial({
      ...request,
      streamTokens,
      problem: task.problem,
      entryPoint: task.entryPoint,
      ...(task.suite === undefined ? {} : { visibleChecks: task.suite }),
      ...(deadlineMs === undefined ? {} : { limits: { wallMs: deadlineMs } }),
    }),
    { deadlineMs: Infinity, signal },
  );
  for await (const { event } of events) {
    if (event === undefined) continue;
    onEvent(event);
    if (event.event?.$case === 'finished') return event.event.value;
  }
  throw new FlowError('UNAVAILABLE', 'RUNNER_BROKE_OFF', 'the workflow runner ended without a result');
}

function ending(
  status: WorkflowStatus,
  solved: boolean,
  checked: CheckedAnswer | undefined,
): Pick<RunResult, 'status' | 'stopReason'> {
  switch (status) {
    case WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED:
      if (!solved)
        return { status: RunStatus.RUN_STATUS_UNSOLVED, stopReason: StopReason.STOP_REASON_MAX_ROUNDS };
      return {
        status: RunStatus.RUN_STATUS_SOLVED,
        stopReason:
          checked === undefined ? StopReason.STOP_REASON_NO_CHECKS : StopReason.STOP_REASON_ALL_CHECKS_PASS,
      };
    case WorkflowStatus.WORKFLOW_STATUS_FAILED:
      return { status: RunStatus.RUN_STATUS_UNSOLVED, stopReason: StopReason.STOP_REASON_ERROR };
    case WorkflowStatus.WORKFLOW_STATUS_LIMIT:
    case WorkflowStatus.WORKFLOW_STATUS_BUDGET:
      return { status: RunStatus.RUN_STATUS_BUDGET, stopReason: StopReason.STOP_REASON_BUDGET };
    case WorkflowStatus.WORKFLOW_STATUS_TIMEOUT:
      return { status: RunStatus.RUN_STATUS_DEADLINE, stopReason: StopReason.STOP_REASON_DEADLINE };
    case WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE:
      return { status: RunStatus.RUN_STATUS_UNAVAILABLE, stopReason: StopReason.STOP_REASON_ERROR };
    case WorkflowStatus.WORKFLOW_STATUS_CANCELLED:
      return { status: RunStatus.RUN_STATUS_CANCELLED, stopReason: StopReason.STOP_REASON_CANCELLED };
    // It was valid here, so that a runner that says otherwise is another version.
    case WorkflowStatus.WORKFLOW_STATUS_INVALID:
    case WorkflowStatus.WORKFLOW_STATUS_UNSPECIFIED:
      return { status: RunStatus.RUN_STATUS_FAILED, stopReason: StopReason.STOP_REASON_ERROR };
  }
}
