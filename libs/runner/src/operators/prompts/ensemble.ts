import { letterOf } from '../../text/letters.js';

/** Version of the prompts of this file. */
export const ENSEMBLE_PROMPT_VERSION = 1;

function list(candidates: readonly string[], counts: readonly number[] | undefined): string {
  return candidates
    .map((candidate, i) => {
      const count = counts?.[i];
      const given = count === undefined ? '' : ` (given ${count} ${count === 1 ? 'time' : 'times'})`;
      return `${letterOf(i)}${given}:\n${candidate}`;
    })
    .join('\n\n');
}

const ANSWER =
  'Answer in this form:\n<thought>your reasoning in a few sentences</thought>\n' +
  '<solution_letter>one letter</solution_letter>';

/** Asks which answer is the most consistent one. */
export function consistencyPrompt(
  problem: string,
  candidates: readonly string[],
  counts: readonly number[] | undefined,
): string {
  return [
    ...(problem.trim() === '' ? [] : [`The problem:\n${problem}`]),
    `Several solutions were given to it:\n\n${list(candidates, counts)}`,
    'Compare them and pick the letter of the one that agrees best with the others and is most likely right.',
    ANSWER,
  ].join('\n\n');
}

/** Asks which solution is the best one. */
export function choicePrompt(problem: string, candidates: readonly string[]): string {
  return [
    `The problem:\n${problem}`,
    `Possible solutions:\n\n${list(candidates, undefined)}`,
    'Check each for mistakes, compare them, and pick the letter of the best one.',
    ANSWER,
  ].join('\n\n');
}
