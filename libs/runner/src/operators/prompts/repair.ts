import type { PromptStyle } from '../../ports.js';
import type { PromptSet } from './prompt-set.js';

/** The prompts of this file. */
export const REPAIR_PROMPTS: PromptSet = { name: 'repair', version: 2 };

/**
 * What a model is told about a program that failed. Models that go on with a
 * begun answer copy a program that they are shown, so they only hear what failed.
 */
export function repairFeedback(style: PromptStyle, program: string, failures: string): string {
  if (style === 'continue') return `A wrong solution failed here:\n${failures}`;
  return [
    'An earlier solution is wrong:',
    `\`\`\`python\n${program.trimEnd()}\n\`\`\``,
    `These tests fail:\n${failures}`,
    'Find the mistake and write a correct solution.',
  ].join('\n\n');
}

/** What a model is told about a program that someone has reviewed. */
export function revisionFeedback(program: string, review: string): string {
  return [
    `An earlier solution:\n\`\`\`python\n${program.trim()}\n\`\`\``,
    ...(review.trim() === '' ? [] : [`What was said about it:\n${review}`]),
    'Write the revised solution.',
  ].join('\n\n');
}
