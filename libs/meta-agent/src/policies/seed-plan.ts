import type { Policy, PolicyContext, RoundPlan } from './policy.js';
import { renderShape } from './render-shape.js';
import { fitShape, seedShape, type ShapeSpace } from './workflow-shape.js';

/** The workflow of the first round. */
export interface SeedWorkflow {
  readonly source: string;
  /** In one line. */
  readonly summary: string;
}

/** The cheapest workflow for a task: one call of the worker model. */
export function cheapestSeed(space: ShapeSpace): SeedWorkflow {
  const summary = 'Start with the cheapest workflow: one call of the worker model';
  return { source: renderShape(fitShape(seedShape(space.task), space), summary), summary };
}

/** A workflow that the caller gives. */
export function givenSeed(source: string): SeedWorkflow {
  return { source, summary: 'Start with the workflow that was given' };
}

/** The plan of the first round; undefined in later ones. */
export function seedPlan({ source, summary }: SeedWorkflow, { round }: PolicyContext): RoundPlan | undefined {
  if (round > 1) return undefined;
  return {
    summary,
    parentRound: 0,
    propose: (rejected) =>
      Promise.resolve(rejected.length > 0 ? undefined : { source, modification: summary }),
  };
}

/** A policy whose first round is the seed and whose later rounds are the other's, if there is one. */
export function seeded(seed: SeedWorkflow, later?: Policy): Policy {
  return {
    plan: (context) => (context.parent === undefined ? seedPlan(seed, context) : later?.plan(context)),
  };
}
