import type { PromptSet } from './prompt-set.js';

/** The prompts of this file. */
export const PROGRAM_PROMPTS: PromptSet = { name: 'program', version: 2 };

/** A program that failed and what it said. */
export interface FailedProgram {
  readonly code: string;
  readonly output: string;
}

/** Asks for a program whose function `solve` gives the answer. */
export function programPrompt(problem: string, analysis: string, failure: FailedProgram | undefined): string {
  return [
    'Write a Python program that solves the problem. Put everything into a function `solve()` without ' +
      'parameters that returns the answer; use only the standard library, and print nothing.',
    `The problem:\n${problem}`,
    ...(analysis === 'None' || analysis.trim() === '' ? [] : [`An analysis of it:\n${analysis}`]),
    ...(failure === undefined
      ? []
      : [`An earlier program failed:\n\`\`\`python\n${failure.code.trim()}\n\`\`\`\n${failure.output}`]),
  ].join('\n\n');
}
