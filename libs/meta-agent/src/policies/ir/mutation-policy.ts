import { checkWorkflow, type Program } from '@flowreasoner/workflow';
import type { Random } from '../../ports.js';
import { pickWeighted, seededRandom } from '../../solve/seeded-random.js';
import type { PastRound, Policy, PolicyContext, Proposal, RejectedProposal } from '../policy.js';
import type { ShapeSpace } from '../workflow-shape.js';
import { addOperator } from './add-operator.js';
import { dropOperator } from './drop-operator.js';
import { operatorStatements, printSource } from './edit-program.js';
import { holdProblem, isHeld, type HeldCalls } from './held-calls.js';
import type { IrMutation } from './mutation.js';
import { rewriteInstruction } from './rewrite-instruction.js';
import { setParameter } from './set-parameter.js';
import { swapOperator } from './swap-operator.js';
import { wrapInEnsemble, wrapInRetry } from './wrap-operator.js';

/** Every typed mutation. */
export const irMutations: readonly [IrMutation, ...IrMutation[]] = [
  addOperator,
  dropOperator,
  swapOperator,
  setParameter,
  wrapInRetry,
  wrapInEnsemble,
  rewriteInstruction,
];

const tries = 60;
/** Most model calls that a mutated workflow may make in the worst case. */
const dearestCalls = 64;

/** What the policy starts from. */
export interface MutationPolicyOptions {
  readonly space: ShapeSpace;
  readonly held: HeldCalls;
}

/**
 * The policy that improves any workflow by typed mutations of its program,
 * drawn by a seed and by which of them have helped before. Calls that are held
 * stay as they are, and a workflow that was tried is never proposed again.
 */
export function createMutationPolicy(options: MutationPolicyOptions): Policy {
  return {
    plan(context) {
      const { parent } = context;
      if (parent === undefined) return undefined;
      const first = next(options, context, parent, []);
      if (first === undefined) return undefined;
      return {
        summary: first.modification,
        parentRound: parent.round,
        propose: (rejected) =>
          Promise.resolve(rejected.length === 0 ? first : next(options, context, parent, rejected)),
      };
    },
  };
}

function next(
  { space, held }: MutationPolicyOptions,
  context: PolicyContext,
  parent: PastRound,
  rejected: readonly RejectedProposal[],
): Proposal | undefined {
  const { program } = checkWorkflow(parent.source);
  if (program === undefined) return undefined;
  const random = seededRandom(context.seed, context.round, rejected.length, 'mutate');
  const tried = new Set([...context.history, ...rejected].map((each) => each.normalForm));
  const weights = irMutations.map((mutation) => weightOf(mutation, context.history));
  for (let attempt = 0; attempt < tries; attempt++) {
    const names: string[] = [];
    let changed: Program = program;
    for (let count = random.next() < 0.7 ? 1 : 2; count > 0; count--) {
      const mutation = pickWeighted(random, irMutations, weights);
      const result = applied(mutation, changed, space, held, random);
      if (result === undefined) continue;
      changed = result;
      if (!names.includes(mutation.name)) names.push(mutation.name);
    }
    if (names.length === 0) continue;
    const modification = `${names.join(' and ')} in the workflow of round ${parent.round}`;
    const source = printSource(changed, modification);
    if (isProposable(source, context, held, tried)) {
      return { source, modification, temperature: parent.temperature };
    }
  }
  return undefined;
}

function applied(
  mutation: IrMutation,
  program: Program,
  space: ShapeSpace,
  held: HeldCalls,
  random: Random,
): Program | undefined {
  const statements = operatorStatements(program).filter(({ call }) => !isHeld(program, call, held));
  return mutation.apply(
    { program, space, statements, isHeld: (call) => isHeld(program, call, held) },
    random,
  );
}

/** A mutation's weight: its own, and how it did in earlier rounds. */
function weightOf({ name, weight }: IrMutation, history: readonly PastRound[]): number {
  const used = history.filter((past) => past.modification.includes(name));
  const helped = used.filter((past) => past.score > (past.parentScore ?? 0)).length;
  return (weight * (1 + helped)) / (1 + used.length / 2);
}

function isProposable(
  source: string,
  { remaining }: PolicyContext,
  held: HeldCalls,
  tried: ReadonlySet<string>,
): boolean {
  const { valid, normalForm, bounds } = checkWorkflow(source);
  if (!valid || bounds === undefined || tried.has(normalForm)) return false;
  if ((bounds.greatest.modelCalls ?? 0) > dearestCalls) return false;
  if ((bounds.least.modelCalls ?? 0) > (remaining.modelCalls ?? Infinity)) return false;
  return holdProblem(source, held) === undefined;
}
