import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { generationTemperature, question, type Operator, type OperatorContext } from './operator.js';
import { thoughtPrompt, ANSWER_PROMPTS } from './prompts/answers.js';

/** Asks a model to think and to answer shortly. An answer without fields is all answer; AFlow's way, both are empty then. */
export const answerGenerate: Operator = {
  name: 'answer_generate',
  prompts: [ANSWER_PROMPTS],
  standard: async (context) => {
    const { thought, answer, whole } = await ask(context);
    return { thought: thought ?? '', answer: answer ?? whole.trim() };
  },
  compatible: async (context) => {
    const { thought = '', answer = '' } = await ask(context);
    return { thought, answer };
  },
};

async function ask(
  context: OperatorContext,
): Promise<{ thought: string | undefined; answer: string | undefined; whole: string }> {
  const prompt = question(
    thoughtPrompt(textArgument(context.arguments, 'input')),
    generationTemperature(context),
  );
  const whole = await context.ask('answer', prompt);
  const fields = extractFields(whole, ['thought', 'answer']);
  return { thought: fields.get('thought'), answer: fields.get('answer'), whole };
}
