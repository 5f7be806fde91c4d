import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { question, type Operator } from './operator.js';
import { formatPrompt, ANSWER_PROMPTS } from './prompts/answers.js';

/** Asks a model for the bare answer within a solution. */
export const format: Operator = {
  name: 'format',
  prompts: [ANSWER_PROMPTS],
  standard: async (context) => {
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const solution = textArgument(context.arguments, 'solution');
    const answer = await context.ask('format', question(formatPrompt(problem, solution), 0));
    return { solution: extractFields(answer, ['solution']).get('solution') ?? answer.trim() };
  },
};
