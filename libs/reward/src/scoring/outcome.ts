import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import type { Verdict } from '@flowreasoner/contracts/sandbox';

/** What scoring keeps of a verdict: numbers only, so that nothing of a hidden test can go further. */
export interface Outcome {
  readonly passed: number;
  /** Cases declared. */
  readonly total: number;
  /** 1 for each case that passed, in order. */
  readonly cases: Uint8Array;
}

/** Reduces a verdict to its numbers. */
export function outcomeOf(verdict: Verdict): Outcome {
  const cases = new Uint8Array(verdict.cases.length);
  for (const { index, status } of verdict.cases) {
    if (status === CaseStatus.CASE_STATUS_PASSED) cases[index] = 1;
  }
  return { passed: verdict.passed, total: verdict.total, cases };
}
