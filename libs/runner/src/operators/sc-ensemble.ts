import { OperatorError } from '@flowreasoner/workflow';
import { listArgument, textArgument } from './arguments.js';
import { bestClusters, clusterCandidates, shuffled, type Cluster } from './candidates.js';
import type { Operator, OperatorContext, OperatorResult } from './operator.js';
import { consistencyPrompt } from './prompts/ensemble.js';
import { pickByLetter } from './vote.js';

/**
 * Returns the most consistent of several solutions. Code that passes all visible
 * checks wins over code that doesn't; among equals the larger group wins, and
 * the model decides where groups are equally large.
 */
export const scEnsemble: Operator = {
  name: 'sc_ensemble',
  standard: async (context) => {
    const solutions = required(context);
    const best = bestClusters(await clusterCandidates(context, solutions));
    const largest = Math.max(...best.map((cluster) => cluster.size));
    const leading = best.filter((cluster) => cluster.size === largest);
    const [first] = leading;
    if (first !== undefined && leading.length === 1) return { response: first.representative };
    return { response: await decide(context, leading) };
  },
  compatible: (context) => oneLetter(context),
};

function required(context: OperatorContext): readonly string[] {
  const solutions = listArgument(context.arguments, 'solutions');
  if (solutions.length === 0) throw new OperatorError('ValueError', 'sc_ensemble was given no solutions');
  return solutions;
}

async function decide(context: OperatorContext, clusters: readonly Cluster[]): Promise<string> {
  const order = shuffled(clusters, context.random);
  const prompt = consistencyPrompt(
    textArgument(context.arguments, 'problem', context.task.problem),
    order.map((cluster) => cluster.representative),
    order.map((cluster) => cluster.size),
  );
  const picked = await pickByLetter(context, 'vote', prompt, order.length, 0);
  // A bad letter is a failed vote: the first group that was given stands.
  return (picked === undefined ? clusters[0] : order[picked])?.representative ?? '';
}

/** One question, whatever the solutions; a bad letter is a KeyError. */
async function oneLetter(context: OperatorContext): Promise<OperatorResult> {
  const solutions = required(context);
  const prompt = consistencyPrompt(textArgument(context.arguments, 'problem'), solutions, undefined);
  const picked = await pickByLetter(context, 'vote', prompt, solutions.length, 0);
  if (picked === undefined) throw new OperatorError('KeyError', 'the model named no solution');
  return { response: solutions[picked] ?? '' };
}
