import { extractCode } from '../text/extract-code.js';
import { reduceCode } from '../text/reduce-code.js';
import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { generationTemperature, question, type Operator } from './operator.js';
import { codePrompt } from './prompts/code.js';
import { revisePrompt } from './prompts/answers.js';

/** Asks a model to revise a solution. A solution that is code stays code. */
export const revise: Operator = {
  name: 'revise',
  standard: async (context) => {
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const solution = textArgument(context.arguments, 'solution');
    const feedback = textArgument(context.arguments, 'feedback');
    const { entryPoint } = context.task;
    const temperature = generationTemperature(context);
    if (entryPoint !== '' && reduceCode(extractCode(solution, entryPoint), entryPoint) !== undefined) {
      const said = `A solution that needs work:\n\`\`\`python\n${solution.trim()}\n\`\`\`\n\n${feedback}`;
      const { messages, stop, programOf } = codePrompt(context.promptStyle, {
        problem,
        entryPoint,
        instruction: '',
        feedback: said,
      });
      return { solution: programOf(await context.ask('code', { messages, stop, temperature })) };
    }
    const answer = await context.ask(
      'text',
      question(revisePrompt(problem, solution, feedback), temperature),
    );
    return { solution: extractFields(answer, ['solution']).get('solution') ?? answer.trim() };
  },
};
