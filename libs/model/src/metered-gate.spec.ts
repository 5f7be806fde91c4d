import { describe, expect, it } from 'vitest';
import { createBudgetGate } from './budget.js';
import { meteredGate, usedBesides } from './metered-gate.js';

const ask = (promptTokens: number, costUsd: number | undefined = 0.5) => ({
  kind: 'model' as const,
  endpoint: 'e',
  model: 'm',
  modelCalls: 1,
  promptTokens,
  completionTokens: 10,
  costUsd,
});

describe('a metered gate', () => {
  it('tells what went through it alone, and charges the run', async () => {
    const run = createBudgetGate({ tokens: 1_000 });
    (await run.reserve(ask(100))).settle();
    const gate = meteredGate(run);
    const kept = await gate.reserve(ask(50));
    kept.settle({ modelCalls: 1, promptTokens: 40, completionTokens: 5, costUsd: 0.1 });
    kept.release();
    (await gate.reserve(ask(50))).release();
    (await gate.reserve(ask(30))).settle();
    expect(gate.snapshot()).toEqual({
      ...{ modelCalls: 2, promptTokens: 70, completionTokens: 15, sandboxMs: 0 },
      costUsd: 0.6,
    });
    expect(run.snapshot()).toMatchObject({ modelCalls: 3, promptTokens: 170, completionTokens: 25 });
  });

  it('refuses what the run has no room for', async () => {
    const gate = meteredGate(createBudgetGate({ tokens: 20 }));
    await expect(gate.reserve(ask(50))).rejects.toMatchObject({ reason: 'BUDGET_EXCEEDED' });
    expect(gate.snapshot().modelCalls).toBe(0);
  });
});

it('what was used besides a known part has no cost where one has none', () => {
  const used = { modelCalls: 3, promptTokens: 30, completionTokens: 9, costUsd: 0.75, sandboxMs: 5 };
  const known = { modelCalls: 1, promptTokens: 10, completionTokens: 4, costUsd: 0.25, sandboxMs: 0 };
  expect(usedBesides(known, used)).toEqual({
    ...{ modelCalls: 2, promptTokens: 20, completionTokens: 5, costUsd: 0.5, sandboxMs: 5 },
  });
  expect(usedBesides({ ...known, costUsd: undefined }, used).costUsd).toBeUndefined();
});
