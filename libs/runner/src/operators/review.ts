import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { question, type Operator } from './operator.js';
import { reviewPrompt, ANSWER_PROMPTS } from './prompts/answers.js';

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'on', 'correct', 'right', '1']);

/** Asks a model whether a solution is right. An answer without a clear yes counts as False. */
export const review: Operator = {
  name: 'review',
  prompts: [ANSWER_PROMPTS],
  standard: async (context) => {
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const solution = textArgument(context.arguments, 'solution');
    const answer = await context.ask('review', question(reviewPrompt(problem, solution), 0));
    const fields = extractFields(answer, ['review_result', 'feedback']);
    const [, firstWord = ''] = /([a-z0-9]+)/i.exec(fields.get('review_result') ?? '') ?? [];
    return {
      review_result: YES.has(firstWord.toLowerCase()),
      feedback: fields.get('feedback') ?? answer.trim(),
    };
  },
};
