import { extractFields } from '../text/fields.js';
import { question, type OperatorContext } from './operator.js';

/**
 * Lets the model pick one of several solutions.
 *
 * @returns what it gave as the letter; undefined when its answer has no such field
 */
export async function askForLetter(
  context: OperatorContext,
  label: string,
  prompt: string,
  temperature: number,
): Promise<{ readonly field: string | undefined; readonly answer: string }> {
  const answer = await context.ask(label, question(prompt, temperature));
  return { field: extractFields(answer, ['thought', 'solution_letter']).get('solution_letter'), answer };
}
