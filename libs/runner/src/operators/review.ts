import { extractFields } from '../text/fields.js';
import { textArgument } from './arguments.js';
import { question, type Operator, type OperatorContext } from './operator.js';
import { reviewPrompt, ANSWER_PROMPTS } from './prompts/answers.js';

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'on', 'correct', 'right', '1']);
/** What MetaGPT's operator takes for a yes when it is all that the field holds. */
const PLAIN_YES: ReadonlySet<string> = new Set(['true', 'yes', 'on', '1']);

/** Asks a model whether a solution is right. An answer without a clear yes counts as False. */
export const review: Operator = {
  name: 'review',
  prompts: [ANSWER_PROMPTS],
  standard: async (context) => {
    const { result, feedback, whole } = await ask(context);
    const [, firstWord = ''] = /([a-z0-9]+)/i.exec(result) ?? [];
    return { review_result: YES.has(firstWord.toLowerCase()), feedback: feedback ?? whole.trim() };
  },
  compatible: async (context) => {
    const { result, feedback = '' } = await ask(context);
    return { review_result: PLAIN_YES.has(result.toLowerCase()), feedback };
  },
};

async function ask(
  context: OperatorContext,
): Promise<{ result: string; feedback: string | undefined; whole: string }> {
  const problem = textArgument(context.arguments, 'problem', context.task.problem);
  const solution = textArgument(context.arguments, 'solution');
  const whole = await context.ask('review', question(reviewPrompt(problem, solution), 0));
  const fields = extractFields(whole, ['review_result', 'feedback']);
  return { result: fields.get('review_result') ?? '', feedback: fields.get('feedback'), whole };
}
