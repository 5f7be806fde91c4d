import { FlowError } from '@flowreasoner/rpc';
import type { SolveContext } from '../solve/context.js';
import { createFixedPolicy, fixedWorkflowNames } from './fixed-policy.js';
import { createLlmPolicy } from './llm/llm-policy.js';
import type { Policy } from './policy.js';
import { createSearchPolicy } from './search-policy.js';
import type { ShapeSpace } from './workflow-shape.js';
import type { OperatorCatalogue } from './operator-catalogue.js';

const fixedPrefix = 'fixed:';

/**
 * What is wrong with a policy's name; undefined when nothing is.
 *
 * @param canAskModel whether the server has a meta model
 */
export function policyProblem(policy: string, canAskModel: boolean): string | undefined {
  if (policy === 'search') return undefined;
  if (policy === 'llm') return canAskModel ? undefined : 'llm needs a meta model, and this server has none';
  const known = fixedWorkflowNames.map((name) => `${fixedPrefix}${name}`);
  if (known.includes(policy)) return undefined;
  return `must be one of llm, search, ${known.join(', ')}`;
}

/**
 * Makes the policy that a run asks for.
 *
 * @throws FlowError INVALID_ARGUMENT for an unknown policy, or one that can't do the task
 */
export function createPolicy(context: SolveContext, catalogue: OperatorCatalogue): Policy {
  const { policy } = context.options;
  const problem = policyProblem(policy, context.ports.meta !== undefined);
  if (problem !== undefined) {
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_POLICY', `The policy can't be used: ${problem}.`, {
      fieldViolations: [{ field: 'options.policy', description: problem }],
    });
  }
  const space: ShapeSpace = {
    task: context.task.isCode ? 'code' : 'answer',
    hasChecks: context.task.suite !== undefined,
    operators: catalogue.names,
  };
  if (policy === 'search') return createSearchPolicy(space);
  if (policy === 'llm' && context.ports.meta !== undefined) {
    return createLlmPolicy({ context, meta: context.ports.meta, catalogue, space });
  }
  return createFixedPolicy(policy.slice(fixedPrefix.length), space);
}
