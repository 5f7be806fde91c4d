import { definesFunction } from '../text/extract-code.js';
import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { stubOf } from './code-question.js';
import { generationTemperature, question, type Operator } from './operator.js';
import { revisePrompt, ANSWER_PROMPTS } from './prompts/answers.js';
import { codePrompt, CODE_PROMPTS } from './prompts/code.js';
import { revisionFeedback, REPAIR_PROMPTS } from './prompts/repair.js';

/** Asks a model to revise a solution. A solution that is code stays code. */
export const revise: Operator = {
  name: 'revise',
  prompts: [ANSWER_PROMPTS, CODE_PROMPTS, REPAIR_PROMPTS],
  standard: async (context) => {
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const solution = textArgument(context.arguments, 'solution');
    const feedback = textArgument(context.arguments, 'feedback');
    const { entryPoint } = context.task;
    const temperature = generationTemperature(context);
    if (definesFunction(solution, entryPoint)) {
      const { messages, stop, programOf } = codePrompt(context.promptStyle, {
        problem,
        entryPoint,
        stub: stubOf(context, problem, entryPoint),
        instruction: '',
        feedback: revisionFeedback(solution, feedback),
      });
      return { solution: programOf(await context.ask('code', { messages, stop, temperature })) };
    }
    const prompt = question(revisePrompt(problem, solution, feedback), temperature);
    const answer = await context.ask('text', prompt);
    return { solution: extractFields(answer, ['solution']).get('solution') ?? answer.trim() };
  },
};
