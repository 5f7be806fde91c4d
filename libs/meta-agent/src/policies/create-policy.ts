import { FlowError, type FieldViolation } from '@flowreasoner/rpc';
import type { CompleteOptions, PreparedTask, SolveContext } from '../solve/context.js';
import { createFixedPolicy, fixedNameProblem, fixedTaskProblem, fixedWorkflowNames } from './fixed-policy.js';
import { heldCalls } from './ir/held-calls.js';
import { createMutationPolicy } from './ir/mutation-policy.js';
import { createLlmPolicy } from './llm/llm-policy.js';
import type { Policy } from './policy.js';
import { cheapestSeed, givenSeed, seeded } from './seed-plan.js';
import { createSearchPolicy } from './search-policy.js';
import type { ShapeSpace } from './workflow-shape.js';
import type { OperatorCatalogue } from './operator-catalogue.js';

const fixedPrefix = 'fixed:';
/** The caller's own workflow alone. */
const seedOnly = `${fixedPrefix}seed`;

/**
 * What is wrong with a policy's name; undefined when nothing is.
 *
 * @param canAskModel whether the server has a meta model
 */
export function policyProblem(policy: string, canAskModel: boolean): string | undefined {
  if (policy === 'search') return undefined;
  if (policy === 'llm') return canAskModel ? undefined : 'llm needs a meta model, and this server has none';
  if (policy === seedOnly) return undefined;
  if (policy.startsWith(fixedPrefix)) return fixedNameProblem(policy.slice(fixedPrefix.length));
  const known = [...fixedWorkflowNames, 'seed'].map((name) => `${fixedPrefix}${name}`);
  return `must be one of llm, search, ${known.join(', ')}`;
}

/**
 * What keeps a run's policy, whose name is known to be right, from working on its task;
 * undefined when nothing does.
 */
export function policyMisfit(
  task: PreparedTask,
  { policy, seedWorkflow, hold }: Pick<CompleteOptions, 'policy' | 'seedWorkflow' | 'hold'>,
): FieldViolation | undefined {
  const { unknown } = heldCalls(seedWorkflow, hold);
  if (unknown.length > 0) {
    return { field: 'options.hold', description: `the seed workflow has no call ${unknown.join(', ')}` };
  }
  const isGiven = seedWorkflow !== '';
  if (policy === seedOnly) {
    const description = `${seedOnly} needs options.seed_workflow`;
    return isGiven ? undefined : { field: 'options.policy', description };
  }
  if (!policy.startsWith(fixedPrefix)) return undefined;
  if (isGiven) {
    const description = `is for llm, search and ${seedOnly}; ${policy} has a workflow of its own`;
    return { field: 'options.seed_workflow', description };
  }
  const description = fixedTaskProblem(policy.slice(fixedPrefix.length), spaceOf(task));
  return description === undefined ? undefined : { field: 'options.policy', description };
}

function spaceOf({ isCode, suite }: PreparedTask): Pick<ShapeSpace, 'task' | 'hasChecks'> {
  return { task: isCode ? 'code' : 'answer', hasChecks: suite !== undefined };
}

/**
 * Makes the policy that a run asks for.
 *
 * @throws FlowError INVALID_ARGUMENT for an unknown policy, or one that can't do the task
 */
export function createPolicy(context: SolveContext, catalogue: OperatorCatalogue): Policy {
  const { policy } = context.options;
  const problem = policyProblem(policy, context.ports.meta !== undefined);
  if (problem !== undefined) throw refusal({ field: 'options.policy', description: problem });
  const misfit = policyMisfit(context.task, context.options);
  if (misfit !== undefined) throw refusal(misfit);
  const space: ShapeSpace = { ...spaceOf(context.task), operators: catalogue.names };
  const { seedWorkflow, hold } = context.options;
  const held = heldCalls(seedWorkflow, hold);
  const isGiven = seedWorkflow !== '';
  const seed = isGiven ? givenSeed(seedWorkflow) : cheapestSeed(space);
  if (policy === seedOnly) return seeded(seed);
  const mutations = createMutationPolicy({ space, held });
  if (policy === 'search')
    return isGiven ? seeded(seed, mutations) : firstOf(createSearchPolicy(space), mutations);
  if (policy === 'llm' && context.ports.meta !== undefined) {
    const llm = createLlmPolicy({
      context,
      meta: context.ports.meta,
      catalogue,
      hold: [...held.calls.keys()],
    });
    return seeded(seed, llm);
  }
  return createFixedPolicy(policy.slice(fixedPrefix.length), space);
}

/** A policy that goes on with the next one when one has nothing new. */
function firstOf(...policies: readonly Policy[]): Policy {
  return {
    plan(context) {
      for (const policy of policies) {
        const plan = policy.plan(context);
        if (plan !== undefined) return plan;
      }
      return undefined;
    },
  };
}

function refusal(violation: FieldViolation): FlowError {
  return new FlowError(
    'INVALID_ARGUMENT',
    'INVALID_POLICY',
    `The policy can't be used: ${violation.field} ${violation.description}.`,
    { fieldViolations: [violation] },
  );
}
