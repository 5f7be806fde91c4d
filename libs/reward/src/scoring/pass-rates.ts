import type { PassRates } from '@flowreasoner/contracts/reward';
import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import type { Verdict } from '@flowreasoner/contracts/sandbox';

/**
 * Hidden cases passed, over all of them and over those that were not visible.
 *
 * Where the sandbox's cases can't be matched one by one with those of the suite
 * (the answer could not be loaded, or cases are made while tests run), visible
 * ones are taken as passed: the strict count is then a lower bound.
 *
 * @param visible for each case of the suite, in order, whether it was visible
 */
export function passRates(verdict: Verdict, visible: readonly boolean[]): PassRates {
  const visibleCount = visible.filter(Boolean).length;
  const total = verdict.total === 0 ? visible.length : verdict.total;
  if (verdict.cases.length !== visible.length || visibleCount === 0) {
    return {
      passed: verdict.passed,
      total,
      strictPassed: Math.max(0, verdict.passed - visibleCount),
      strictTotal: Math.max(0, total - visibleCount),
    };
  }
  const strict = verdict.cases.filter(({ index }) => visible[index] === false);
  return {
    passed: verdict.passed,
    total,
    strictPassed: strict.filter(({ status }) => status === CaseStatus.CASE_STATUS_PASSED).length,
    strictTotal: strict.length,
  };
}
