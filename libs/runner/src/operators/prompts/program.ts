/** Version of the prompts of this file. */
export const PROGRAM_PROMPT_VERSION = 1;

/** Asks for a program whose function `solve` gives the answer. */
export function programPrompt(problem: string, analysis: string, feedback: string): string {
  return [
    'Write a Python program that solves the problem. Put everything into a function `solve()` without ' +
      'parameters that returns the answer; use only the standard library, and print nothing.',
    `The problem:\n${problem}`,
    ...(analysis === 'None' || analysis.trim() === '' ? [] : [`An analysis of it:\n${analysis}`]),
    ...(feedback === '' ? [] : [`An earlier program failed:\n${feedback}`]),
    'Answer with one Python code block.',
  ].join('\n\n');
}
