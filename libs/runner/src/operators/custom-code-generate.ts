import { textArgument } from './arguments.js';
import { generationTemperature, type Operator } from './operator.js';
import { codePrompt } from './prompts/code.js';

/** Asks a model for a program, and keeps what the entry point needs of it. */
export const customCodeGenerate: Operator = {
  name: 'custom_code_generate',
  standard: async (context) => {
    const { messages, stop, programOf } = codePrompt(context.promptStyle, {
      problem: textArgument(context.arguments, 'problem'),
      entryPoint: textArgument(context.arguments, 'entry_point', context.task.entryPoint),
      instruction: textArgument(context.arguments, 'instruction'),
      feedback: '',
    });
    const answer = await context.ask('code', { messages, stop, temperature: generationTemperature(context) });
    return { response: programOf(answer) };
  },
};
