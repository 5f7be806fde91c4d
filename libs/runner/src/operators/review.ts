import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { question, type Operator } from './operator.js';
import { reviewPrompt } from './prompts/answers.js';

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'correct', 'right', '1']);

/** Asks a model whether a solution is right. An answer without a result counts as False. */
export const review: Operator = {
  name: 'review',
  standard: async (context) => {
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const prompt = question(reviewPrompt(problem, textArgument(context.arguments, 'solution')), 0);
    const answer = await context.ask('review', prompt);
    const fields = extractFields(answer, ['review_result', 'feedback']);
    const [verdict = ''] = (fields.get('review_result') ?? '')
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter(Boolean);
    return { review_result: YES.has(verdict), feedback: fields.get('feedback') ?? answer.trim() };
  },
};
