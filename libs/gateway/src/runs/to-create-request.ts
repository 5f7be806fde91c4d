import { CreateRunRequest } from '@flowreasoner/contracts/metaagent';
import { OperatorMode, type ModelRef } from '@flowreasoner/contracts/workflow';
import { answerChecksOf } from './answer-checks.js';
import type { CreateRunBody } from './run-schema.js';
import { budgetOf, kindOf, suiteOf } from './task-schema.js';

const modes = {
  standard: OperatorMode.OPERATOR_MODE_STANDARD,
  compatible: OperatorMode.OPERATOR_MODE_COMPATIBLE,
} as const;

/** The contract's request to create a run. */
export function toCreateRequest({ task, options = {} }: CreateRunBody, requestId: string): CreateRunRequest {
  const entryPoint = task.entry_point ?? '';
  return CreateRunRequest.fromPartial({
    requestId,
    task: {
      id: task.id ?? '',
      kind: kindOf(task.kind),
      problem: task.problem,
      context: task.context ?? '',
      entryPoint,
      visibleChecks: suiteOf(task.visible_checks, entryPoint),
      answerChecks: answerChecksOf(task.answer_checks),
      rewardTask: task.reward_task ?? '',
    },
    options: {
      policy: options.policy ?? '',
      meta: modelOf(options.meta),
      worker: modelOf(options.worker),
      maxRounds: options.max_rounds ?? 0,
      validationRuns: options.validation_runs ?? 0,
      maxRepairs: options.max_repairs,
      budget: budgetOf(options.budget),
      deadlineMs: options.deadline_ms ?? 0,
      seed: options.seed ?? 0,
      mode: modes[options.mode ?? 'standard'],
    },
  });
}

function modelOf(model: NonNullable<CreateRunBody['options']>['meta']): ModelRef | undefined {
  return model && { endpoint: model.endpoint ?? '', model: model.model ?? '' };
}
