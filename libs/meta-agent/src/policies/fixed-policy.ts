import { FlowError } from '@flowreasoner/rpc';
import type { Policy } from './policy.js';
import { renderShape } from './render-shape.js';
import { fitShape, seedShape, shapeKey, type ShapeSpace, type WorkflowShape } from './workflow-shape.js';

interface FixedWorkflow {
  readonly description: string;
  readonly shape: Partial<WorkflowShape>;
  /** Operators without which it would be another workflow. */
  readonly needs: readonly string[];
  /** Whether it makes sense only where a program is asked for. */
  readonly codeOnly?: boolean;
}

const workflows: Readonly<Record<string, FixedWorkflow>> = {
  single: { description: 'One call of the worker model.', shape: {}, needs: [] },
  'best-of-n': {
    description: 'Eight candidates; the first that passes the visible checks.',
    shape: { samples: 8, select: 'passing' },
    needs: ['multi_generate', 'test'],
    codeOnly: true,
  },
  'self-consistency': {
    description: 'Five candidates; the most consistent one.',
    shape: { samples: 5, select: 'vote' },
    needs: ['sc_ensemble'],
  },
  'test-repair': {
    description: 'One candidate, mended up to three times by what the visible checks say.',
    shape: { repair: 3 },
    needs: ['test'],
    codeOnly: true,
  },
  'best-of-n-repair': {
    description: 'Eight candidates; the first that passes, else one mended up to three times.',
    shape: { samples: 8, select: 'passing', repair: 3 },
    needs: ['multi_generate', 'test'],
    codeOnly: true,
  },
  'review-revise': {
    description: 'One candidate, reviewed and revised once.',
    shape: { review: true },
    needs: ['review', 'revise'],
  },
};

/** Names that `fixed:<name>` takes. */
export const fixedWorkflowNames: readonly string[] = Object.keys(workflows);

/**
 * The policy that proposes one named workflow and nothing after it.
 *
 * @throws FlowError INVALID_ARGUMENT for an unknown name or a task that the workflow is not for;
 *   FAILED_PRECONDITION when the runner lacks one of its operators
 */
export function createFixedPolicy(name: string, space: ShapeSpace): Policy {
  const workflow = Object.hasOwn(workflows, name) ? workflows[name] : undefined;
  if (workflow === undefined) throw unknownWorkflow(name);
  const missing = workflow.needs.find((operator) => !space.operators.has(operator));
  if (missing !== undefined) {
    throw new FlowError(
      'FAILED_PRECONDITION',
      'OPERATOR_MISSING',
      `fixed:${name} needs the operator ${missing}, which the workflow runner does not offer.`,
    );
  }
  if (workflow.codeOnly === true && space.task !== 'code') {
    throw refused(`fixed:${name} is for tasks that ask for a program`);
  }
  const shape = fitShape({ ...seedShape(space.task), ...workflow.shape }, space);
  return {
    plan: (context) =>
      context.round > 1
        ? undefined
        : {
            summary: `${name}: ${workflow.description}`,
            parentRound: 0,
            propose: (rejected) =>
              Promise.resolve(
                rejected.length > 0
                  ? undefined
                  : { source: renderShape(shape, workflow.description), modification: shapeKey(shape) },
              ),
          },
  };
}

function unknownWorkflow(name: string): FlowError {
  return refused(
    `there is no fixed workflow ${JSON.stringify(name)}; there are: ${fixedWorkflowNames.join(', ')}`,
  );
}

function refused(description: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'INVALID_POLICY', `The policy can't be used: ${description}.`, {
    fieldViolations: [{ field: 'options.policy', description }],
  });
}
