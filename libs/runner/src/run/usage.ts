import type { Usage } from '@flowreasoner/contracts/workflow';
import type { BudgetSnapshot } from '@flowreasoner/model';

/** Usage as messages carry it. */
export function toUsage(snapshot: BudgetSnapshot): Usage {
  return {
    modelCalls: snapshot.modelCalls,
    promptTokens: snapshot.promptTokens,
    completionTokens: snapshot.completionTokens,
    costUsd: snapshot.costUsd,
    sandboxMs: Math.round(snapshot.sandboxMs),
  };
}

/** No usage. */
export const NO_USAGE: Usage = {
  modelCalls: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  sandboxMs: 0,
};
