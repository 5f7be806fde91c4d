import { countArgument } from './arguments.js';
import { codeQuestion } from './code-question.js';
import { SAMPLING_TEMPERATURE, type Operator } from './operator.js';
import { codePrompt, CODE_PROMPTS } from './prompts/code.js';

/** Greatest number of samples of one call. */
const MAX_SAMPLES = 32;

/** Samples several programs at once, all of one prompt and at a temperature at which they differ. */
export const multiGenerate: Operator = {
  name: 'multi_generate',
  prompts: [CODE_PROMPTS],
  standard: async (context) => {
    const n = countArgument(context.arguments, 'n', 3, 1, MAX_SAMPLES);
    const { messages, stop, programOf } = codePrompt(context.promptStyle, codeQuestion(context));
    const prompt = { messages, stop, temperature: SAMPLING_TEMPERATURE };
    return { responses: (await context.askMany('sample', prompt, n)).map(programOf) };
  },
};
