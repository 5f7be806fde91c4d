import { letterOf } from '../../text/letters.js';
import type { PromptSet } from './prompt-set.js';

/** The prompts of this file. */
export const ENSEMBLE_PROMPTS: PromptSet = { name: 'ensemble', version: 2 };

function list(solutions: readonly string[]): string {
  return solutions.map((solution, i) => `${letterOf(i)}:\n${solution}`).join('\n\n');
}

const ANSWER =
  'Answer in this form:\n<thought>your reasoning in a few sentences</thought>\n' +
  '<solution_letter>one letter</solution_letter>';

/** Asks which solution is the most consistent one. */
export function consistencyPrompt(problem: string, solutions: readonly string[]): string {
  return [
    ...(problem.trim() === '' ? [] : [`The problem:\n${problem}`]),
    `Several solutions were given to it:\n\n${list(solutions)}`,
    'Compare them and pick the letter of the one that agrees best with the others and is most likely right.',
    ANSWER,
  ].join('\n\n');
}

/** Asks which solution is the best one. */
export function choicePrompt(problem: string, solutions: readonly string[]): string {
  return [
    `The problem:\n${problem}`,
    `Possible solutions:\n\n${list(solutions)}`,
    'Check each for mistakes, compare them, and pick the letter of the best one.',
    ANSWER,
  ].join('\n\n');
}
