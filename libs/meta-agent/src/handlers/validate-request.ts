import {
  FeedbackForm,
  ModelFeedback,
  TaskKind,
  type RunOptions,
  type Task,
} from '@flowreasoner/contracts/metaagent';
import { Suite } from '@flowreasoner/contracts/sandbox';
import type { Budget, ModelRef } from '@flowreasoner/contracts/workflow';
import { OperatorMode } from '@flowreasoner/contracts/workflow';
import { answerCheckProblems } from '@flowreasoner/evaluate';
import { FlowError, type FieldViolation } from '@flowreasoner/rpc';
import { optionLimits } from '../runs/complete-options.js';

/** Limits of requests, in bytes of UTF-8 or in numbers of things. */
export const requestLimits = {
  requestId: 64,
  taskId: 200,
  problem: 256 * 1024,
  entryPoint: 200,
  rewardTask: 256,
  context: 256 * 1024,
  asserts: 1_000,
  cases: 1_000,
  visibleChecks: 1024 * 1024,
  modelName: 256,
  policyName: 64,
  seedWorkflow: 128 * 1024,
  hold: 64,
} as const;

const heldName = /^[a-z][a-z_]{0,63}(?:@[1-9]\d{0,6})?$/;
const identifier = /^[A-Za-z_]\w*$/;

/** Collects what is wrong with a request. */
export class Violations {
  readonly #found: FieldViolation[] = [];

  /** Adds a violation unless the condition holds. */
  check(holds: boolean, field: string, description: string): void {
    if (!holds) this.#found.push({ field, description });
  }

  /** Checks the length of a text in bytes. */
  text(value: string, field: string, maxBytes: number): void {
    const bytes = Buffer.byteLength(value);
    this.check(bytes <= maxBytes, field, `must be at most ${maxBytes} bytes of UTF-8, and is ${bytes}`);
  }

  /** Checks a text that stores keep as one: it has no NUL character, and at most so many bytes. */
  key(value: string, field: string, maxBytes: number): void {
    this.check(!value.includes('\0'), field, 'must not hold a NUL character');
    this.text(value, field, maxBytes);
  }

  /** Checks that a number is in a range. */
  range(value: number | undefined, field: string, min: number, max: number): void {
    const fits = value === undefined || (Number.isFinite(value) && value >= min && value <= max);
    this.check(fits, field, `must be between ${min} and ${max}`);
  }

  /** @throws FlowError INVALID_ARGUMENT when anything was found */
  throwIfAny(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const more = this.#found.length > 1 ? ` (and ${this.#found.length - 1} more)` : '';
    throw new FlowError(
      'INVALID_ARGUMENT',
      'INVALID_REQUEST',
      `${first.field} ${first.description}${more}.`,
      { fieldViolations: this.#found },
    );
  }
}

/**
 * Checks a task.
 *
 * @param graders names of the graders that are configured
 */
export function checkTask(
  task: Task | undefined,
  violations: Violations,
  graders: ReadonlySet<string>,
): void {
  violations.check(task !== undefined, 'task', 'must be given');
  if (task === undefined) return;
  violations.key(task.id, 'task.id', requestLimits.taskId);
  violations.check(TaskKind[task.kind] !== undefined, 'task.kind', 'must be a known kind');
  violations.check(task.problem.trim() !== '', 'task.problem', 'must not be empty');
  violations.text(task.problem, 'task.problem', requestLimits.problem);
  violations.check(
    task.entryPoint === '' || identifier.test(task.entryPoint),
    'task.entry_point',
    'must be the name of a Python function',
  );
  violations.text(task.entryPoint, 'task.entry_point', requestLimits.entryPoint);
  violations.text(task.rewardTask, 'task.reward_task', requestLimits.rewardTask);
  violations.text(task.context, 'task.context', requestLimits.context);
  if (task.visibleChecks !== undefined) checkSuite(task.visibleChecks, violations);
  if (task.answerChecks === undefined) return;
  const field = 'task.answer_checks';
  violations.check(task.visibleChecks === undefined, field, 'excludes visible_checks');
  for (const problem of answerCheckProblems(task.answerChecks, graders)) {
    violations.check(false, problem.field === '' ? field : `${field}.${problem.field}`, problem.description);
  }
}

function checkSuite(suite: Suite, violations: Violations): void {
  const field = 'task.visible_checks';
  violations.check(
    !suite.hidden,
    `${field}.hidden`,
    'must not be set: models see these checks; hidden tests are put to the reward service',
  );
  const bytes = Suite.encode(suite).finish().length;
  violations.check(
    bytes <= requestLimits.visibleChecks,
    field,
    `must be at most ${requestLimits.visibleChecks} bytes, and is ${bytes}`,
  );
  switch (suite.suite?.$case) {
    case undefined:
      violations.check(false, field, 'must hold a suite');
      return;
    case 'function': {
      const { asserts, testCode } = suite.suite.value;
      const count = asserts.length;
      violations.check(count > 0 || testCode !== '', `${field}.function`, 'must have asserts or test code');
      violations.range(count, `${field}.function.asserts`, 0, requestLimits.asserts);
      return;
    }
    case 'unittest':
      violations.check(suite.suite.value.testCode !== '', `${field}.unittest.test_code`, 'must not be empty');
      return;
    case 'stdio':
      violations.range(suite.suite.value.cases.length, `${field}.stdio.cases`, 1, requestLimits.cases);
      return;
    case 'values':
      violations.range(suite.suite.value.cases.length, `${field}.values.cases`, 1, requestLimits.cases);
  }
}

/**
 * Checks options.
 *
 * @param policyProblem says what is wrong with a policy's name, if anything is
 */
export function checkOptions(
  options: RunOptions | undefined,
  violations: Violations,
  policyProblem: (policy: string) => string | undefined,
): void {
  if (options === undefined) return;
  violations.key(options.policy, 'options.policy', requestLimits.policyName);
  const problem = options.policy === '' ? undefined : policyProblem(options.policy);
  violations.check(problem === undefined, 'options.policy', problem ?? '');
  checkModel(options.meta, 'options.meta', violations);
  checkModel(options.worker, 'options.worker', violations);
  violations.range(options.maxRounds, 'options.max_rounds', 0, optionLimits.maxRounds);
  violations.range(options.validationRuns, 'options.validation_runs', 0, optionLimits.validationRuns);
  violations.range(options.maxRepairs, 'options.max_repairs', 0, optionLimits.maxRepairs);
  violations.range(options.deadlineMs, 'options.deadline_ms', 0, optionLimits.deadlineMs);
  violations.check(OperatorMode[options.mode] !== undefined, 'options.mode', 'must be a known mode');
  checkSeed(options, violations);
  if (options.budget !== undefined) checkBudget(options.budget, violations);
}

function checkSeed(options: RunOptions, violations: Violations): void {
  const { seedWorkflow, hold, feedbackForm, modelFeedback } = options;
  violations.text(seedWorkflow, 'options.seed_workflow', requestLimits.seedWorkflow);
  violations.range(hold.length, 'options.hold', 0, requestLimits.hold);
  violations.check(
    hold.length === 0 || seedWorkflow !== '',
    'options.hold',
    'names operators of options.seed_workflow, which is empty',
  );
  hold.forEach((name, index) => {
    const field = `options.hold[${index}]`;
    violations.check(
      heldName.test(name),
      field,
      'must be an operator such as test, or a call such as test@12',
    );
  });
  violations.check(FeedbackForm[feedbackForm] !== undefined, 'options.feedback_form', 'must be a known form');
  violations.check(
    ModelFeedback[modelFeedback] !== undefined,
    'options.model_feedback',
    'must be a known choice',
  );
}

function checkModel(model: ModelRef | undefined, field: string, violations: Violations): void {
  if (model === undefined) return;
  violations.text(model.endpoint, `${field}.endpoint`, requestLimits.modelName);
  violations.text(model.model, `${field}.model`, requestLimits.modelName);
}

function checkBudget(budget: Budget, violations: Violations): void {
  const { costUsd } = budget;
  violations.check(
    costUsd === undefined || (Number.isFinite(costUsd) && costUsd > 0),
    'options.budget.cost_usd',
    'must be a number above 0',
  );
  violations.check(budget.tokens !== 0, 'options.budget.tokens', 'must be above 0');
  violations.check(budget.modelCalls !== 0, 'options.budget.model_calls', 'must be above 0');
  violations.check(budget.sandboxMs !== 0, 'options.budget.sandbox_ms', 'must be above 0');
}
