import {
  FeedbackSource,
  type RunEvent,
  type RunResult,
  RunStatus,
  StopReason,
} from '@flowreasoner/contracts/metaagent';
import { type Usage, WorkflowStatus } from '@flowreasoner/contracts/workflow';
import type { FlowError } from '@flowreasoner/rpc';

/** One line of `--json` output. docs/cli-json.md is the reference. */
export type JsonLine = { readonly event: string } & Readonly<Record<string, unknown>>;

/**
 * The line for one run event, or undefined for events that `--json` leaves out.
 * Names are snake_case and enums are lower-case words without their prefix.
 */
export function runEventLine(event: RunEvent): JsonLine | undefined {
  const at = {
    run: event.run,
    sequence: Number(event.sequence),
    time: event.time?.toISOString(),
    round: event.round,
  };
  const payload = event.event;
  switch (payload?.$case) {
    case 'runCreated':
      return { event: 'run_created', ...at, policy: payload.value.options?.policy };
    case 'runStarted':
      return { event: 'run_started', ...at };
    case 'roundStarted':
      return {
        event: 'round_started',
        ...at,
        summary: payload.value.summary,
        parent_round: payload.value.parentRound,
      };
    case 'reasoning':
      return { event: 'reasoning', ...at, text: payload.value.text };
    case 'metaRequestFinished':
      return {
        event: 'meta_request_finished',
        ...at,
        usage: usageJson(payload.value.usage),
        error: payload.value.error,
      };
    case 'workflowProposed':
      return {
        event: 'workflow_proposed',
        ...at,
        source: payload.value.source,
        modification: payload.value.modification,
        valid: payload.value.valid,
        repair: payload.value.repair,
        refusal: payload.value.refusal,
        diagnostics: payload.value.diagnostics.map(({ code, message }) => ({ code, message })),
      };
    case 'workflowEvent':
      return workflowEventLine(payload.value.event, at);
    case 'roundEvaluated': {
      const round = payload.value;
      return {
        event: 'round_evaluated',
        ...at,
        workflow_status: enumWord(WorkflowStatus[round.workflowStatus], 'WORKFLOW_STATUS_'),
        score: round.score,
        visible: round.visible ?? null,
        feedback_source: enumWord(FeedbackSource[round.feedbackSource], 'FEEDBACK_SOURCE_'),
        feedback: round.feedback,
        answer: round.answer,
        duration_ms: round.durationMs,
        usage: usageJson(round.usage),
      };
    }
    case 'modelTestsSought': {
      const { written, kept } = payload.value;
      return { event: 'model_tests_sought', ...at, written, kept };
    }
    // The result line says it, together with what only the end knows.
    case 'runFinished':
    case 'metaRequestStarted':
    case 'metaTokenDelta':
    case 'evaluationRequestStarted':
    case 'evaluationRequestFinished':
    case undefined:
      return undefined;
  }
}

type WorkflowEventPayload = Extract<
  NonNullable<RunEvent['event']>,
  { $case: 'workflowEvent' }
>['value']['event'];

function workflowEventLine(payload: WorkflowEventPayload, at: object): JsonLine | undefined {
  switch (payload?.$case) {
    case 'operatorStarted':
      return {
        event: 'operator_started',
        ...at,
        call_id: payload.value.callId,
        operator: payload.value.operator,
        follows: payload.value.follows,
        parent_id: payload.value.parentId || null,
      };
    case 'operatorFinished':
      return {
        event: 'operator_finished',
        ...at,
        call_id: payload.value.callId,
        error: payload.value.errorType || null,
        message: payload.value.message,
      };
    case 'modelRequestFinished':
      return {
        event: 'model_request_finished',
        ...at,
        call_id: payload.value.callId,
        usage: usageJson(payload.value.usage),
        error: payload.value.error || null,
      };
    case 'sandboxRequestFinished':
      return {
        event: 'sandbox_request_finished',
        ...at,
        call_id: payload.value.callId,
        wall_ms: payload.value.wallMs,
        error: payload.value.error || null,
      };
    case 'tokenDelta':
      return { event: 'token_delta', ...at, call_id: payload.value.callId, text: payload.value.text };
    case 'modelRequestStarted':
    case 'sandboxRequestStarted':
    case 'finished':
    case undefined:
      return undefined;
  }
}

/** The last line of a run that ended. */
export function resultLine(run: string, result: RunResult): JsonLine {
  return {
    event: 'result',
    run,
    status: enumWord(RunStatus[result.status], 'RUN_STATUS_'),
    answer: result.answer,
    workflow: result.workflow,
    visible: result.visible ?? null,
    feedback_source: enumWord(FeedbackSource[result.feedbackSource], 'FEEDBACK_SOURCE_'),
    stop_reason: enumWord(StopReason[result.stopReason], 'STOP_REASON_'),
    best_round: result.bestRound,
    rounds: result.rounds,
    hidden:
      result.hidden === undefined
        ? null
        : {
            passed: result.hidden.passed,
            total: result.hidden.total,
            strict_passed: result.hidden.strictPassed,
            strict_total: result.hidden.strictTotal,
            reward: result.hidden.reward,
          },
    duration_ms: result.durationMs,
    usage: usageJson(result.usage),
    message: result.message || null,
    reason: result.reason || null,
    hint: result.hint || null,
  };
}

/** The last line of a command that failed. */
export function errorLine(error: FlowError): JsonLine {
  return {
    event: 'error',
    code: error.code,
    reason: error.reason,
    message: error.message,
    hint: error.options.hint ?? null,
  };
}

/** Usage with `cost_usd` null when a price is unknown. */
export function usageJson(usage: Usage | undefined): object {
  return {
    model_calls: usage?.modelCalls ?? 0,
    prompt_tokens: usage?.promptTokens ?? 0,
    completion_tokens: usage?.completionTokens ?? 0,
    cost_usd: usage === undefined ? 0 : (usage.costUsd ?? null),
    sandbox_ms: usage?.sandboxMs ?? 0,
  };
}

/** `RUN_STATUS_SOLVED` → `solved`. */
export function enumWord(name: string | undefined, prefix: string): string {
  return (name ?? '').replace(prefix, '').toLowerCase();
}
