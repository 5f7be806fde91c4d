import { OperatorError } from '@flowreasoner/workflow';
import { countArgument, listArgument, textArgument } from './arguments.js';
import { bestClusters, clusterCandidates, shuffled } from './candidates.js';
import {
  SAMPLING_TEMPERATURE,
  type Operator,
  type OperatorContext,
  type OperatorResult,
} from './operator.js';
import { choicePrompt } from './prompts/ensemble.js';
import { pickByLetter } from './vote.js';

/** Greatest number of votes of one call. */
const MAX_VOTES = 25;

/**
 * Lets the model vote several times on the solutions, shuffled anew for each
 * vote. By default only the best groups of solutions are voted on.
 */
export const mdEnsemble: Operator = {
  name: 'md_ensemble',
  standard: async (context) => {
    const best = bestClusters(await clusterCandidates(context, required(context)));
    const candidates = best.map((cluster) => cluster.representative);
    return candidates.length === 1 ? { solution: candidates[0] ?? '' } : vote(context, candidates);
  },
  compatible: (context) => vote(context, required(context)),
};

function required(context: OperatorContext): readonly string[] {
  const solutions = listArgument(context.arguments, 'solutions');
  if (solutions.length === 0) throw new OperatorError('ValueError', 'md_ensemble was given no solutions');
  return solutions;
}

async function vote(context: OperatorContext, candidates: readonly string[]): Promise<OperatorResult> {
  const count = countArgument(context.constructorArguments, 'vote_count', 5, 1, MAX_VOTES);
  const problem = textArgument(context.arguments, 'problem', context.task.problem);
  const orders = Array.from({ length: count }, () =>
    shuffled(
      candidates.map((_, i) => i),
      context.random,
    ),
  );
  const votes = await Promise.all(
    orders.map(async (order, i) => {
      const prompt = choicePrompt(
        problem,
        order.map((index) => candidates[index] ?? ''),
      );
      const picked = await pickByLetter(context, `vote${i}`, prompt, order.length, SAMPLING_TEMPERATURE);
      return picked === undefined ? undefined : order[picked];
    }),
  );
  const counts = candidates.map((_, i) => votes.filter((picked) => picked === i).length);
  return { solution: candidates[counts.indexOf(Math.max(...counts))] ?? '' };
}
