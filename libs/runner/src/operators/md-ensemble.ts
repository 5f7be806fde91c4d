import { OperatorError } from '@flowreasoner/workflow';
import { letterOf, readLetter } from '../text/letters.js';
import { countArgument, listArgument, textArgument } from './arguments.js';
import { clusterAnswers, clusterBy, largestCluster } from './clusters.js';
import {
  SAMPLING_TEMPERATURE,
  type Operator,
  type OperatorContext,
  type OperatorResult,
} from './operator.js';
import { askForLetter } from './pick.js';
import { clusterPrograms } from './program-clusters.js';
import { choicePrompt, ENSEMBLE_PROMPTS } from './prompts/ensemble.js';
import { shuffled } from './shuffle.js';

/** Greatest number of votes of one call. */
const MAX_VOTES = 25;

/** Reads the index of the chosen solution from an answer; undefined for none. */
type ReadVote = (field: string | undefined, answer: string, count: number) => number | undefined;

/**
 * Lets the model vote several times on the solutions, shuffled anew for each vote
 * (Medprompt, arXiv 2311.16452). Equal solutions are shown once; of programs only
 * those that pass most visible checks are voted on. A bad letter is a vote that
 * is not counted; among equals the solution that was given more often wins.
 */
export const mdEnsemble: Operator = {
  name: 'md_ensemble',
  prompts: [ENSEMBLE_PROMPTS],
  standard: async (context) => {
    const solutions = listArgument(context.arguments, 'solutions');
    const clusters =
      (await clusterPrograms(context, solutions, problemOf(context))) ?? clusterAnswers(solutions);
    const candidates = clusters.map(({ representative }) => representative);
    if (candidates.length === 1) return { solution: candidates[0] ?? '' };
    const votes = await vote(context, candidates, (field, answer, count) =>
      readLetter(field ?? answer, count),
    );
    const counts = clusters.map((_, i) => votes.filter((picked) => picked === i).length);
    const most = Math.max(...counts);
    const leading = clusters.filter((_, i) => counts[i] === most);
    return { solution: largestCluster(leading, context.random)?.representative ?? '' };
  },
  compatible: voteAsGiven,
};

function problemOf(context: OperatorContext): string {
  return textArgument(context.arguments, 'problem', context.task.problem);
}

/** Indices of the candidates that were voted for, in order of the votes. */
async function vote(
  context: OperatorContext,
  candidates: readonly string[],
  read: ReadVote,
): Promise<readonly number[]> {
  const count = countArgument(context.constructorArguments, 'vote_count', 5, 1, MAX_VOTES);
  const orders = Array.from({ length: count }, () => shuffled([...candidates.keys()], context.random));
  const votes = await Promise.all(
    orders.map(async (order, i) => {
      const shown = order.map((index) => candidates[index] ?? '');
      const prompt = choicePrompt(problemOf(context), shown);
      const { field, answer } = await askForLetter(context, `vote${i}`, prompt, SAMPLING_TEMPERATURE);
      const picked = read(field, answer, order.length);
      return picked === undefined ? [] : order.slice(picked, picked + 1);
    }),
  );
  return votes.flat();
}

/**
 * AFlow's way: all solutions are shown, a missing letter means A, another letter
 * is not counted, the earliest of those with most votes wins, and without a
 * counted vote there is an IndexError.
 */
async function voteAsGiven(context: OperatorContext): Promise<OperatorResult> {
  const solutions = listArgument(context.arguments, 'solutions');
  const votes = await vote(context, solutions, (field, _, count) => {
    const letter = (field ?? 'A').trim().toUpperCase();
    const index = Array.from({ length: count }, (__, i) => letterOf(i)).indexOf(letter);
    return index < 0 ? undefined : index;
  });
  const counted = clusterBy(
    votes.map((index) => solutions[index] ?? ''),
    (solution) => solution,
  );
  const most = Math.max(...counted.map(({ size }) => size));
  const winner = counted.find(({ size }) => size === most);
  if (winner === undefined) throw new OperatorError('IndexError', 'no vote named a solution');
  return { solution: winner.representative };
}
