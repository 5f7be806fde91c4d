import type { Budget, Usage } from '@flowreasoner/contracts/workflow';

/** Nothing used; a price of 0 is a known price. */
export const noUsage: Readonly<Usage> = {
  modelCalls: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  sandboxMs: 0,
};

// The wire's integers have 32 bits.
const maxUint32 = 2 ** 32 - 1;

function sum(a: number, b: number): number {
  return Math.min(maxUint32, a + b);
}

/** The cost of what a Usage counts: 0 when no model was asked, whatever the sender left out. */
function costOf(usage: Usage): number | undefined {
  const nothing = usage.modelCalls === 0 && usage.promptTokens === 0 && usage.completionTokens === 0;
  return usage.costUsd ?? (nothing ? 0 : undefined);
}

/** Both together. The cost is unknown as soon as one part's is. */
export function addUsage(a: Usage, b: Usage | undefined): Usage {
  if (b === undefined) return a;
  const [costA, costB] = [costOf(a), costOf(b)];
  return {
    modelCalls: sum(a.modelCalls, b.modelCalls),
    promptTokens: sum(a.promptTokens, b.promptTokens),
    completionTokens: sum(a.completionTokens, b.completionTokens),
    costUsd: costA === undefined || costB === undefined ? undefined : costA + costB,
    sandboxMs: sum(a.sandboxMs, b.sandboxMs),
  };
}

/** Prompt and completion tokens together. */
export function tokensOf(usage: Usage): number {
  return usage.promptTokens + usage.completionTokens;
}

/** What is left of a budget; a limit that is overdrawn leaves 0. */
export function remainingBudget(budget: Budget, used: Usage): Budget {
  const left = (limit: number | undefined, spent: number): number | undefined =>
    limit === undefined ? undefined : Math.max(0, limit - spent);
  return {
    costUsd: left(budget.costUsd, costOf(used) ?? 0),
    tokens: left(budget.tokens, tokensOf(used)),
    modelCalls: left(budget.modelCalls, used.modelCalls),
    sandboxMs: left(budget.sandboxMs, used.sandboxMs),
  };
}
