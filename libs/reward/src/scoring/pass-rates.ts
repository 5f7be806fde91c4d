import type { PassRates } from '@flowreasoner/contracts/reward';
import type { Outcome } from './outcome.js';

/**
 * Hidden cases passed, over all of them and over those that were not visible.
 *
 * Where the sandbox's cases can't be matched one by one with those of the suite
 * (this service and Python read its source differently), visible ones are taken
 * as passed: the strict count is then a lower bound.
 *
 * @param visible for each case of the suite, in order, whether it was visible
 */
export function passRates(outcome: Outcome, visible: readonly boolean[]): PassRates {
  const { passed, total, cases } = outcome;
  const visibleCount = visible.filter(Boolean).length;
  const matched = cases.length === visible.length;
  const visiblePassed = matched
    ? visible.filter((shown, index) => shown && cases[index] === 1).length
    : visibleCount;
  return {
    passed,
    total,
    strictPassed: Math.max(0, passed - visiblePassed),
    strictTotal: Math.max(0, total - visibleCount),
  };
}
