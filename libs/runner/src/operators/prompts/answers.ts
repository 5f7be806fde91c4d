import type { PromptSet } from './prompt-set.js';

/** The prompts of this file. */
export const ANSWER_PROMPTS: PromptSet = { name: 'answers', version: 2 };

/** Asks for a thought and a short answer. */
export function thoughtPrompt(input: string): string {
  return [
    'Think step by step and solve the problem. Then give the final answer alone, without explanation.',
    'Answer in this form:\n<thought>your steps</thought>\n<answer>the final answer</answer>',
    `The problem:\n${input}`,
  ].join('\n\n');
}

/** Asks whether a solution is right. */
export function reviewPrompt(problem: string, solution: string): string {
  return [
    `The problem:\n${problem}`,
    `A solution:\n${solution}`,
    'Is the solution right and complete? Look for mistakes and missed cases. Say False only where you are sure ' +
      'that something is wrong.',
    'Answer in this form:\n<review_result>True or False</review_result>\n' +
      '<feedback>what is wrong and how to mend it; empty when nothing is</feedback>',
  ].join('\n\n');
}

/** Asks for a better solution. */
export function revisePrompt(problem: string, solution: string, feedback: string): string {
  return [
    `The problem:\n${problem}`,
    `A solution that needs work:\n${solution}`,
    ...(feedback.trim() === '' ? [] : [`What was said about it:\n${feedback}`]),
    'Write the revised solution.',
    'Answer in this form:\n<solution>the whole revised solution</solution>',
  ].join('\n\n');
}

/** Asks for the bare answer. */
export function formatPrompt(problem: string, solution: string): string {
  return [
    `The problem:\n${problem}`,
    `Its solution:\n${solution}`,
    'Give only the answer that the problem asks for: a few words or a number, in its form, nothing else.',
  ].join('\n\n');
}
