import { generationTemperature, type Operator } from './operator.js';
import { codeQuestion } from './code-question.js';
import { codePrompt, CODE_PROMPTS } from './prompts/code.js';

/**
 * Asks a model for a program, and keeps what the entry point needs of it. The
 * first one is drawn greedily, those of further turns of a loop are sampled.
 */
export const customCodeGenerate: Operator = {
  name: 'custom_code_generate',
  prompts: [CODE_PROMPTS],
  standard: async (context) => {
    const { messages, stop, programOf } = codePrompt(context.promptStyle, codeQuestion(context));
    const temperature = generationTemperature(context);
    return { response: programOf(await context.ask('code', { messages, stop, temperature })) };
  },
};
