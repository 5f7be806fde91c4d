import { textArgument } from './arguments.js';
import { generationTemperature, question, type Operator } from './operator.js';

/** Asks a model with the instruction followed by the input. */
export const custom: Operator = {
  name: 'custom',
  standard: async (context) => {
    const instruction = textArgument(context.arguments, 'instruction');
    const input = textArgument(context.arguments, 'input');
    const prompt = question(instruction + input, generationTemperature(context));
    return { response: await context.ask('answer', prompt) };
  },
};
