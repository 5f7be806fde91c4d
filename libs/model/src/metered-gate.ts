import { createBudgetGate } from './budget.js';
import type { BudgetGate, BudgetSnapshot } from './budget-gate.js';

/** A run's gate as one of its requests uses it: `snapshot` tells what went through it from here. */
export function meteredGate(gate: BudgetGate): BudgetGate {
  const meter = createBudgetGate({});
  return {
    ...gate,
    snapshot: () => meter.snapshot(),
    async reserve(ask, signal) {
      const held = await gate.reserve(ask, signal);
      const metered = await meter.reserve(ask);
      return {
        settle(used) {
          metered.settle(used);
          held.settle(used);
        },
        release() {
          metered.release();
          held.release();
        },
      };
    },
  };
}

/** Amounts as messages carry them, where a cost that is not known is left out. */
type Amounts = Omit<BudgetSnapshot, 'costUsd'> & { readonly costUsd?: number | undefined };

/** What was used besides a part that is known of. The cost is undefined where either is. */
export function usedBesides(known: Amounts, used: Amounts): BudgetSnapshot {
  return {
    modelCalls: used.modelCalls - known.modelCalls,
    promptTokens: used.promptTokens - known.promptTokens,
    completionTokens: used.completionTokens - known.completionTokens,
    costUsd:
      used.costUsd === undefined || known.costUsd === undefined ? undefined : used.costUsd - known.costUsd,
    sandboxMs: used.sandboxMs - known.sandboxMs,
  };
}
