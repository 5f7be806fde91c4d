import { countArgument, textArgument } from './arguments.js';
import { SAMPLING_TEMPERATURE, type Operator } from './operator.js';
import { codePrompt } from './prompts/code.js';

/** Greatest number of samples of one call. */
const MAX_SAMPLES = 32;

/** Samples several programs at once: the first greedily, the others at a temperature. */
export const multiGenerate: Operator = {
  name: 'multi_generate',
  standard: async (context) => {
    const n = countArgument(context.arguments, 'n', 3, 1, MAX_SAMPLES);
    const { messages, stop, programOf } = codePrompt(context.promptStyle, {
      problem: textArgument(context.arguments, 'problem'),
      entryPoint: textArgument(context.arguments, 'entry_point', context.task.entryPoint),
      instruction: textArgument(context.arguments, 'instruction'),
      feedback: '',
    });
    const greedy = context.isFirstTurn ? 1 : 0;
    const [first, others] = await Promise.all([
      context.askMany('greedy', { messages, stop, temperature: 0 }, greedy),
      context.askMany('sample', { messages, stop, temperature: SAMPLING_TEMPERATURE }, n - greedy),
    ]);
    return { responses: [...first, ...others].map(programOf) };
  },
};
