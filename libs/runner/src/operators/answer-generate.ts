import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { generationTemperature, question, type Operator } from './operator.js';
import { thoughtPrompt, ANSWER_PROMPTS } from './prompts/answers.js';

/** Asks a model to think and to answer shortly. An answer without fields is all answer. */
export const answerGenerate: Operator = {
  name: 'answer_generate',
  prompts: [ANSWER_PROMPTS],
  standard: async (context) => {
    const prompt = question(
      thoughtPrompt(textArgument(context.arguments, 'input')),
      generationTemperature(context),
    );
    const answer = await context.ask('answer', prompt);
    const fields = extractFields(answer, ['thought', 'answer']);
    return { thought: fields.get('thought') ?? '', answer: fields.get('answer') ?? answer.trim() };
  },
};
