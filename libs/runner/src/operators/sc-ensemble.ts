import { OperatorError } from '@flowreasoner/workflow';
import { letterOf, readLetter } from '../text/letters.js';
import { listArgument, textArgument } from './arguments.js';
import { clusterAnswers, largestCluster } from './clusters.js';
import type { Operator, OperatorContext, OperatorResult } from './operator.js';
import { askForLetter } from './pick.js';
import { clusterPrograms } from './program-clusters.js';
import { consistencyPrompt, ENSEMBLE_PROMPTS } from './prompts/ensemble.js';
import { shuffled } from './shuffle.js';

/**
 * Returns the most consistent of several solutions (self-consistency, arXiv
 * 2203.11171). Of programs, those that pass most visible checks count, and among
 * them the largest group that behaves alike wins, without a model. Of answers,
 * the one given most often wins; only where no two agree a model picks.
 */
export const scEnsemble: Operator = {
  name: 'sc_ensemble',
  prompts: [ENSEMBLE_PROMPTS],
  standard: async (context) => {
    const solutions = listArgument(context.arguments, 'solutions');
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const programs = await clusterPrograms(context, solutions, problem);
    const clusters = programs ?? clusterAnswers(solutions);
    const isDecided =
      programs !== undefined || clusters.length === 1 || clusters.some(({ size }) => size > 1);
    const response = isDecided
      ? largestCluster(clusters, context.random)?.representative
      : await pick(context, problem, solutions);
    return { response: response ?? '' };
  },
  compatible: pickAsGiven,
};

/** Lets the model pick from a shuffled list. A bad letter is a failed vote: the first solution stands. */
async function pick(
  context: OperatorContext,
  problem: string,
  solutions: readonly string[],
): Promise<string> {
  const order = shuffled(solutions, context.random);
  const { field, answer } = await askForLetter(context, 'vote', consistencyPrompt(problem, order), 0);
  const picked = readLetter(field ?? answer, order.length);
  return (picked === undefined ? solutions[0] : order[picked]) ?? '';
}

/** AFlow's way: one question whatever the solutions, in the order given; any other letter is a KeyError. */
async function pickAsGiven(context: OperatorContext): Promise<OperatorResult> {
  const solutions = listArgument(context.arguments, 'solutions');
  const prompt = consistencyPrompt(textArgument(context.arguments, 'problem'), solutions);
  const { field = '' } = await askForLetter(context, 'vote', prompt, 0);
  const letter = field.trim().toUpperCase();
  const index = solutions.findIndex((_, i) => letterOf(i) === letter);
  if (index < 0)
    throw new OperatorError('KeyError', `the model named no solution but '${letter.slice(0, 40)}'`);
  return { response: solutions[index] ?? '' };
}
