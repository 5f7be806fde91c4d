import { definesFunction } from '../text/extract-code.js';
import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { stubOf } from './code-question.js';
import { generationTemperature, question, type Operator, type OperatorContext } from './operator.js';
import { revisePrompt, ANSWER_PROMPTS } from './prompts/answers.js';
import { codePrompt, CODE_PROMPTS } from './prompts/code.js';
import { revisionFeedback, REPAIR_PROMPTS } from './prompts/repair.js';

/**
 * Asks a model to revise a solution. A solution that is code stays code. AFlow's
 * way, the solution is the field of that name, whatever is in it.
 */
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
    const { field, whole } = await askForText(context);
    return { solution: field ?? whole.trim() };
  },
  compatible: async (context) => ({ solution: (await askForText(context)).field ?? '' }),
};

async function askForText(context: OperatorContext): Promise<{ field: string | undefined; whole: string }> {
  const prompt = revisePrompt(
    textArgument(context.arguments, 'problem', context.task.problem),
    textArgument(context.arguments, 'solution'),
    textArgument(context.arguments, 'feedback'),
  );
  const whole = await context.ask('text', question(prompt, generationTemperature(context)));
  return { field: extractFields(whole, ['solution']).get('solution'), whole };
}
