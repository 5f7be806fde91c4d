import { textArgument } from './arguments.js';
import { question, type Operator } from './operator.js';
import { formatPrompt } from './prompts/answers.js';

/** Asks a model for the bare answer within a solution. */
export const format: Operator = {
  name: 'format',
  standard: async (context) => {
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const prompt = question(formatPrompt(problem, textArgument(context.arguments, 'solution')), 0);
    return { solution: (await context.ask('format', prompt)).trim() };
  },
};
