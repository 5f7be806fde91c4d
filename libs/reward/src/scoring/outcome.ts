import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import type { Verdict } from '@flowreasoner/contracts/sandbox';
import type { AnswerVerdict } from '@flowreasoner/evaluate';

/** What scoring keeps of a verdict: numbers only, so that nothing of a hidden test can go further. */
export interface Outcome {
  readonly passed: number;
  /** Cases declared. */
  readonly total: number;
  /** 1 for each case that passed, in order. */
  readonly cases: Uint8Array;
  /** In [0, 1]: cases passed of all, or the score of an answer in text. */
  readonly score: number;
}

/** Reduces a verdict to its numbers. */
export function outcomeOf(verdict: Verdict): Outcome {
  const cases = new Uint8Array(verdict.cases.length);
  for (const { index, status } of verdict.cases) {
    if (status === CaseStatus.CASE_STATUS_PASSED) cases[index] = 1;
  }
  const { passed, total } = verdict;
  return { passed, total, cases, score: total === 0 ? 0 : passed / total };
}

/** The numbers of a judgement of an answer in text: one case. */
export function outcomeOfAnswer({ score, passed }: AnswerVerdict): Outcome {
  return { passed: passed ? 1 : 0, total: 1, cases: Uint8Array.of(passed ? 1 : 0), score };
}
