import type { MathAnswer } from '@flowreasoner/contracts/evaluate';
import type { AnswerVerdict } from '../verdict.js';
import type { CompareExpressions } from './compare-expressions.js';
import { equalValues } from './equal-values.js';
import { extractMathAnswer, lastBoxed } from './extract-answer.js';
import { readMathValue } from './math-value.js';

/** Longest answer that is read as a mathematical value, in characters, once it is taken out of its text. */
const maxAnswer = 2_000;

/** Most expressions of one answer that are compared by computing. */
const maxComparisons = 300;

/** Judges a mathematical answer: right when it equals one of the accepted ones. */
export async function judgeMath(
  checks: MathAnswer,
  answer: string,
  compare: CompareExpressions,
  signal?: AbortSignal,
): Promise<AnswerVerdict> {
  const given = extractMathAnswer(answer);
  if (given.trim() === '') return verdict(false, 'There is no answer in the text; end with \\boxed{answer}.');
  if (given.length > maxAnswer) {
    return verdict(false, `The answer is ${given.length} characters long; at most ${maxAnswer} are read.`);
  }
  const limited = limitedComparer(compare);
  const value = readMathValue(given);
  for (const accepted of checks.accepted) {
    const expected = readMathValue(lastBoxed(accepted) ?? accepted);
    if (await equalValues(expected, value, limited, signal)) return verdict(true, 'The answer is right.');
  }
  const shown = given.length > 200 ? `${given.slice(0, 200)}…` : given;
  return verdict(false, `The answer ${JSON.stringify(shown)} is not what was asked for.`);
}

/**
 * A comparer for one answer: after so many comparisons, or the first one that
 * takes too long, nothing is equal any more, so that an answer of many hard
 * parts costs no more time than one.
 */
function limitedComparer(compare: CompareExpressions): CompareExpressions {
  let left = maxComparisons;
  return async (a, b, signal) => {
    if (left === 0) return false;
    left -= 1;
    const equal = await compare(a, b, signal);
    if (equal === undefined) left = 0;
    return equal;
  };
}

function verdict(passed: boolean, feedback: string): AnswerVerdict {
  return { score: passed ? 1 : 0, passed, feedback };
}
