import { FeedbackForm, ModelFeedback, type RunOptions } from '@flowreasoner/contracts/metaagent';
import { OperatorMode, type ModelRef } from '@flowreasoner/contracts/workflow';
import type { CompleteOptions } from '../solve/context.js';

/** What a server puts in for options that a request leaves out. */
export interface RunDefaults {
  /** Policy, such as `search`. */
  readonly policy: string;
  readonly meta?: ModelRef;
  readonly worker?: ModelRef;
}

/** Limits of options; see RunOptions in the contract. */
export const optionLimits = {
  maxRounds: 50,
  validationRuns: 5,
  maxRepairs: 5,
  deadlineMs: 86_400_000,
} as const;

const defaultRounds = 8;
const defaultRepairs = 2;
const defaultDeadlineMs = 600_000;
const noModel: ModelRef = { endpoint: '', model: '' };

/** Options with every default filled in. */
export function completeOptions(options: RunOptions | undefined, defaults: RunDefaults): CompleteOptions {
  return {
    policy: options?.policy || defaults.policy,
    meta: chosenModel(options?.meta, defaults.meta),
    worker: chosenModel(options?.worker, defaults.worker),
    maxRounds: options?.maxRounds || defaultRounds,
    validationRuns: options?.validationRuns || 1,
    maxRepairs: options?.maxRepairs ?? defaultRepairs,
    budget: {
      costUsd: options?.budget?.costUsd,
      tokens: options?.budget?.tokens,
      modelCalls: options?.budget?.modelCalls,
      sandboxMs: options?.budget?.sandboxMs,
    },
    deadlineMs: options?.deadlineMs || defaultDeadlineMs,
    seed: options?.seed ?? 0,
    feedbackForm: options?.feedbackForm || FeedbackForm.FEEDBACK_FORM_STRUCTURED,
    seedWorkflow: options?.seedWorkflow ?? '',
    hold: options?.hold ?? [],
    modelFeedback: options?.modelFeedback ?? ModelFeedback.MODEL_FEEDBACK_UNSPECIFIED,
    mode: options?.mode || OperatorMode.OPERATOR_MODE_STANDARD,
  };
}

function chosenModel(model: ModelRef | undefined, otherwise: ModelRef | undefined): ModelRef {
  const isGiven = model !== undefined && (model.endpoint !== '' || model.model !== '');
  return isGiven ? model : (otherwise ?? noModel);
}
