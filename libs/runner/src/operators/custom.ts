import { stringArgument } from './arguments.js';
import { generationTemperature, question, type Operator } from './operator.js';

/** Asks a model with the instruction followed by the input. */
export const custom: Operator = {
  name: 'custom',
  prompts: [],
  standard: async (context) => {
    const content =
      stringArgument(context.arguments, 'instruction') + stringArgument(context.arguments, 'input');
    return { response: await context.ask('answer', question(content, generationTemperature(context))) };
  },
};
