import { extractFields } from '../text/fields.js';
import { readLetter } from '../text/letters.js';
import { question, type OperatorContext } from './operator.js';

/**
 * Lets the model pick one of several candidates by letter.
 *
 * @returns its index, or undefined when the answer names none
 */
export async function pickByLetter(
  context: OperatorContext,
  label: string,
  prompt: string,
  count: number,
  temperature: number,
): Promise<number | undefined> {
  const answer = await context.ask(label, question(prompt, temperature));
  return readLetter(
    extractFields(answer, ['solution_letter', 'thought']).get('solution_letter') ?? answer,
    count,
  );
}
