import { FlowError } from '@flowreasoner/rpc';
import { readFixedName, type FixedParameters } from './fixed-parameters.js';
import type { Policy } from './policy.js';
import { renderShape } from './render-shape.js';
import {
  describeShape,
  fitShape,
  seedShape,
  shapeKey,
  type ShapeSpace,
  type WorkflowShape,
} from './workflow-shape.js';

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

/** What is wrong with what stands after `fixed:`; undefined when nothing is. */
export function fixedNameProblem(text: string): string | undefined {
  const { name, parameters, problem } = readFixedName(text);
  const workflow = Object.hasOwn(workflows, name) ? workflows[name] : undefined;
  if (workflow === undefined) {
    return `there is no fixed workflow ${JSON.stringify(name)}; there are: ${fixedWorkflowNames.join(', ')}`;
  }
  if (problem !== undefined) return `fixed:${name} ${problem}`;
  // What has no effect with everything on offer has none for any task.
  const idle = anyTask.map((space) => idleParameter(workflow, parameters, space));
  return idle.includes(undefined) ? undefined : `${idle[0]} has no effect in fixed:${name}`;
}

/** Every operator that fixed workflows use. */
const everything: ReadonlySet<string> = new Set([
  'multi_generate',
  'test',
  'sc_ensemble',
  'review',
  'revise',
]);
const anyTask: readonly ShapeSpace[] = [
  { task: 'code', hasChecks: true, operators: everything },
  { task: 'answer', hasChecks: true, operators: everything },
];

/**
 * What keeps a named workflow, whose name is known to be right, from working on tasks of a kind;
 * undefined when nothing does.
 *
 * @param operators on offer; all when left out
 */
export function fixedTaskProblem(
  text: string,
  space: Pick<ShapeSpace, 'task' | 'hasChecks'>,
  operators = everything,
): string | undefined {
  const { name, parameters } = readFixedName(text);
  const workflow = workflows[name] as FixedWorkflow;
  if (workflow.codeOnly === true && space.task !== 'code') {
    return `fixed:${name} is for tasks that ask for a program`;
  }
  const idle = idleParameter(workflow, parameters, { ...space, operators });
  return idle === undefined ? undefined : `${idle} has no effect in fixed:${name} for this task`;
}

/** A parameter that a workflow in this space does not take over; undefined when there is none. */
function idleParameter(
  workflow: FixedWorkflow,
  parameters: FixedParameters,
  space: ShapeSpace,
): keyof WorkflowShape | undefined {
  const wanted = wantedShape(workflow, parameters, space);
  const shape = fitShape(wanted, space);
  return (Object.keys(parameters) as (keyof FixedParameters)[]).find((key) => shape[key] !== wanted[key]);
}

function wantedShape(
  workflow: FixedWorkflow,
  parameters: FixedParameters,
  { task }: ShapeSpace,
): WorkflowShape {
  return { ...seedShape(task), ...workflow.shape, ...parameters };
}

/**
 * The policy that proposes one named workflow and nothing after it.
 *
 * @param text name and parameters, such as `best-of-n,samples=16`
 * @throws FlowError INVALID_ARGUMENT for an unknown name, a parameter that is unknown, out of range or
 *   without effect, or a task that the workflow is not for; FAILED_PRECONDITION when the runner lacks
 *   one of its operators
 */
export function createFixedPolicy(text: string, space: ShapeSpace): Policy {
  const problem = fixedNameProblem(text);
  if (problem !== undefined) throw refused(problem);
  const { name, parameters } = readFixedName(text);
  const workflow = workflows[name] as FixedWorkflow;
  const missing = workflow.needs.find((operator) => !space.operators.has(operator));
  if (missing !== undefined) {
    throw new FlowError(
      'FAILED_PRECONDITION',
      'OPERATOR_MISSING',
      `fixed:${name} needs the operator ${missing}, which the workflow runner does not offer.`,
    );
  }
  const misfit = fixedTaskProblem(text, space, space.operators);
  if (misfit !== undefined) throw refused(misfit);
  const shape = fitShape(wantedShape(workflow, parameters, space), space);
  const isPlain = Object.keys(parameters).length === 0;
  const description = isPlain ? workflow.description : describeShape(shape);
  return {
    plan: (context) =>
      context.round > 1
        ? undefined
        : {
            summary: `${name}: ${description}`,
            parentRound: 0,
            propose: (rejected) =>
              Promise.resolve(
                rejected.length > 0
                  ? undefined
                  : { source: renderShape(shape, description), modification: shapeKey(shape) },
              ),
          },
  };
}

function refused(description: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'INVALID_POLICY', `The policy can't be used: ${description}.`, {
    fieldViolations: [{ field: 'options.policy', description }],
  });
}
