import {
  FeedbackSource,
  RunState,
  RunStatus,
  StopReason,
  TaskKind,
  type Run,
  type RunResult,
} from '@flowreasoner/contracts/metaagent';
import { OperatorMode, type Usage } from '@flowreasoner/contracts/workflow';
import { enumWord } from '../words.js';
import { checksOf } from './task-schema.js';
import type { RunJson } from './run-schema.js';

/** A run in the shape of the REST interface. */
export function runJson(run: Run): RunJson {
  const { task, options, result } = run;
  return {
    id: run.name.replace(/^runs\//, ''),
    name: run.name,
    state: enumWord(RunState[run.state], 'RUN_STATE_'),
    task: {
      id: task?.id ?? '',
      kind: kindWord(task?.kind),
      problem: task?.problem ?? '',
      context: task?.context ?? '',
      entry_point: task?.entryPoint ?? '',
      visible_checks: checksOf(task?.visibleChecks),
      reward_task: task?.rewardTask ?? '',
    },
    options: {
      policy: options?.policy ?? '',
      meta: { endpoint: options?.meta?.endpoint ?? '', model: options?.meta?.model ?? '' },
      worker: { endpoint: options?.worker?.endpoint ?? '', model: options?.worker?.model ?? '' },
      max_rounds: options?.maxRounds ?? 0,
      validation_runs: options?.validationRuns ?? 0,
      max_repairs: options?.maxRepairs ?? 0,
      budget: {
        cost_usd: options?.budget?.costUsd,
        tokens: options?.budget?.tokens,
        model_calls: options?.budget?.modelCalls,
        sandbox_ms: options?.budget?.sandboxMs,
      },
      deadline_ms: options?.deadlineMs ?? 0,
      seed: options?.seed ?? 0,
      mode: options?.mode === OperatorMode.OPERATOR_MODE_COMPATIBLE ? 'compatible' : 'standard',
    },
    result: result === undefined ? null : resultJson(result),
    usage: usageJson(run.usage),
    rounds: run.rounds,
    create_time: (run.createTime ?? new Date(0)).toISOString(),
    end_time: run.endTime?.toISOString() ?? null,
    last_sequence: Number(run.lastSequence),
  };
}

function resultJson(result: RunResult): NonNullable<RunJson['result']> {
  return {
    status: enumWord(RunStatus[result.status], 'RUN_STATUS_'),
    answer: result.answer,
    workflow: result.workflow,
    best_round: result.bestRound,
    rounds: result.rounds,
    visible: result.visible ?? null,
    feedback_source: enumWord(FeedbackSource[result.feedbackSource], 'FEEDBACK_SOURCE_'),
    stop_reason: enumWord(StopReason[result.stopReason], 'STOP_REASON_'),
    hidden: result.hidden ?? null,
    duration_ms: result.durationMs,
    usage: usageJson(result.usage),
    message: result.message || null,
    reason: result.reason || null,
    hint: result.hint || null,
  };
}

function usageJson(usage: Usage | undefined): RunJson['usage'] {
  return {
    model_calls: usage?.modelCalls ?? 0,
    prompt_tokens: usage?.promptTokens ?? 0,
    completion_tokens: usage?.completionTokens ?? 0,
    cost_usd: usage === undefined ? 0 : (usage.costUsd ?? null),
    sandbox_ms: usage?.sandboxMs ?? 0,
  };
}

function kindWord(kind: TaskKind | undefined): RunJson['task']['kind'] {
  switch (kind) {
    case TaskKind.TASK_KIND_CODE:
      return 'code';
    case TaskKind.TASK_KIND_MATH:
      return 'math';
    case TaskKind.TASK_KIND_QUESTION:
      return 'question';
    default:
      return null;
  }
}
