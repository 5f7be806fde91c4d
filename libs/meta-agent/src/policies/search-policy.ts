import type { Random } from '../ports.js';
import { pick, pickWeighted, seededRandom } from '../solve/seeded-random.js';
import { favoured, mutationsFor, type Mutation } from './mutations.js';
import type { PastRound, Policy, PolicyContext, Proposal } from './policy.js';
import { renderShape } from './render-shape.js';
import {
  describeShape,
  fitShape,
  instructionNames,
  modelCallsOf,
  seedShape,
  shapeKey,
  shapeOf,
  shapeRanges,
  type ShapeSpace,
  type WorkflowShape,
} from './workflow-shape.js';

const tries = 200;
const dearestCalls = 32;

/**
 * Model calls that a workflow of this round may make at most: 1, 8, 16, 32. One
 * request draws many samples of a program and its prompt is paid once, so that
 * many small rounds would cost more than a few large ones.
 */
export function callsAllowed(round: number): number {
  return round === 1 ? 1 : Math.min(dearestCalls, 2 ** (round + 1));
}

/**
 * Samples that a workflow of this round should at least draw. Most of the calls
 * go into sampling as long as nothing has been better than the first round, and
 * half of them from then on: a model that never came near is seldom able to mend.
 */
function samplesWanted(context: PolicyContext, space: ShapeSpace): number {
  const canSample = fitShape({ ...seedShape(space.task), samples: 2, select: 'passing' }, space).samples > 1;
  if (!canSample) return 1;
  const [first, ...later] = context.history;
  const isStuck = first !== undefined && later.every((past) => past.score <= first.score);
  const calls = Math.min(greatestCalls(context), context.remaining.modelCalls ?? Infinity);
  return calls * (isStuck ? 3 / 4 : 1 / 2);
}

/**
 * The policy that needs no model: seeded mutations of a parent's shape, drawn
 * by what its feedback says and by which mutations have helped before. Round 1
 * is the cheapest workflow. A shape that was tried is never proposed again.
 */
export function createSearchPolicy(space: ShapeSpace): Policy {
  return {
    plan(context) {
      const tried = new Set(context.history.flatMap((past) => keyOf(past) ?? []));
      const first = next(context, space, tried, 0);
      if (first === undefined) return undefined;
      return {
        summary: first.summary,
        parentRound: context.parent?.round ?? 0,
        propose(rejected): Promise<Proposal | undefined> {
          for (const each of rejected) {
            const shape = shapeOf(each.proposal.source);
            if (shape !== undefined) tried.add(shapeKey(shape));
          }
          const found = rejected.length === 0 ? first : next(context, space, tried, rejected.length);
          return Promise.resolve(found && proposalOf(found));
        },
      };
    },
  };
}

interface Found {
  readonly shape: WorkflowShape;
  readonly summary: string;
}

function proposalOf({ shape, summary }: Found): Proposal {
  return { source: renderShape(shape, summary), modification: summary, temperature: shape.temperature };
}

function keyOf(past: PastRound): string | undefined {
  const shape = shapeOf(past.source);
  return shape && shapeKey(shape);
}

function next(
  context: PolicyContext,
  space: ShapeSpace,
  tried: ReadonlySet<string>,
  attempt: number,
): Found | undefined {
  const seed = fitShape(seedShape(space.task), space);
  if (context.parent === undefined && !tried.has(shapeKey(seed))) {
    return { shape: seed, summary: 'Start with the cheapest workflow: one call of the worker model' };
  }
  const random = seededRandom(context.seed, context.round, attempt, 'search');
  const parent = (context.parent && shapeOf(context.parent.source)) ?? seed;
  return mutate(context, space, tried, fitShape(parent, space), random) ?? cheapestNew(context, space, tried);
}

function mutate(
  context: PolicyContext,
  space: ShapeSpace,
  tried: ReadonlySet<string>,
  parent: WorkflowShape,
  random: Random,
): Found | undefined {
  const mutations = mutationsFor(space);
  const weights = mutations.map((mutation) => weightOf(mutation, context));
  const wanted = samplesWanted(context, space);
  let nearest: { readonly shape: WorkflowShape; readonly names: readonly string[] } | undefined;
  for (let attempt = 0; attempt < tries && (nearest?.shape.samples ?? 0) < wanted; attempt++) {
    const names: string[] = [];
    let shape = parent;
    for (let count = pick(random, [1, 1, 2]); count > 0; count--) {
      const mutation = pickWeighted(random, mutations, weights);
      shape = mutation.apply(shape, random);
      if (!names.includes(mutation.name)) names.push(mutation.name);
    }
    const fitted = fitShape(shape, space);
    const isNearer = fitted.samples > (nearest?.shape.samples ?? 0);
    if (isNearer && isAllowed(fitted, context, tried)) nearest = { shape: fitted, names };
  }
  if (nearest === undefined) return undefined;
  const from = context.parent === undefined ? 'the cheapest workflow' : `round ${context.parent.round}`;
  const summary = `${nearest.names.join(' and ')} from ${from}: ${describeShape(nearest.shape)}`;
  return { shape: nearest.shape, summary };
}

/** A mutation's weight: its own, what the parent's feedback says, and how it did in earlier rounds. */
function weightOf(mutation: Mutation, context: PolicyContext): number {
  const used = context.history.filter((past) => past.modification.includes(mutation.name));
  const helped = used.filter((past) => past.score > (past.parentScore ?? 0)).length;
  const record = (1 + helped) / (1 + used.length / 2);
  return mutation.weight * favoured(mutation.name, context.parent?.feedback ?? '') * record;
}

function isAllowed(shape: WorkflowShape, context: PolicyContext, tried: ReadonlySet<string>): boolean {
  const { least, greatest } = modelCallsOf(shape);
  const room = context.remaining.modelCalls ?? Infinity;
  return greatest <= greatestCalls(context) && least <= room && !tried.has(shapeKey(shape));
}

/** Model calls that a workflow may make at most: half of those of any that the budget has cut, once there is one. */
function greatestCalls({ round, history }: PolicyContext): number {
  const cut = history.flatMap((past) => (past.isCutByBudget ? (shapeOf(past.source) ?? []) : []));
  return Math.min(callsAllowed(round), ...cut.map((shape) => Math.floor(modelCallsOf(shape).greatest / 2)));
}

/** When mutations find nothing new: the cheapest shape of the whole space that was not tried. */
function cheapestNew(
  context: PolicyContext,
  space: ShapeSpace,
  tried: ReadonlySet<string>,
): Found | undefined {
  let best: WorkflowShape | undefined;
  for (const each of allShapes(space)) {
    const shape = fitShape(each, space);
    if (!isAllowed(shape, context, tried)) continue;
    if (best === undefined || modelCallsOf(shape).greatest < modelCallsOf(best).greatest) best = shape;
  }
  return best && { shape: best, summary: `Try what is left: ${describeShape(best)}` };
}

function* allShapes(space: ShapeSpace): Generator<WorkflowShape> {
  for (const samples of shapeRanges.samples)
    for (const instruction of instructionNames(space.task))
      for (const select of ['first', 'passing', 'vote'] as const)
        for (const repair of shapeRanges.repair)
          for (const review of [false, true])
            for (const temperature of shapeRanges.temperature)
              yield { task: space.task, samples, instruction, select, repair, review, temperature };
}
