import { Usage } from '@flowreasoner/contracts/workflow';
import { describe, expect, it } from 'vitest';
import { UsageSoFar } from './usage-so-far.js';

const used = (modelCalls: number, tokens: number, costUsd?: number): Usage => ({
  ...Usage.fromPartial({ modelCalls, promptTokens: tokens }),
  costUsd,
});

const noBudget = { costUsd: undefined, tokens: undefined, modelCalls: undefined, sandboxMs: undefined };

describe('UsageSoFar', () => {
  it('says nothing of what is nothing', () => {
    expect(new UsageSoFar().facts(1200)).toEqual(['1.2 s']);
  });

  it('sums up requests', () => {
    const usage = new UsageSoFar();
    usage.add(used(1, 1000, 0.5));
    usage.add(used(2, 234, 0.25));
    usage.add(undefined);
    expect(usage.facts(0)).toEqual(['0.0 s', '3 calls', '1,234 tokens', '$0.7500']);
  });

  it('leaves a price out once it is not known', () => {
    const usage = new UsageSoFar();
    usage.add(used(1, 10, 0.5));
    usage.add(used(1, 10));
    expect(usage.facts(0)).toEqual(['0.0 s', '2 calls', '20 tokens']);
  });

  it('tells what is limited first, beside its limit', () => {
    const usage = new UsageSoFar({ budget: { ...noBudget, tokens: 20_000, costUsd: 1 }, deadlineMs: 0 });
    usage.add(used(1, 1000, 0.5));
    expect(usage.facts(0)).toEqual(['0.0 s', '$0.5000 of $1.0000', '1,000 of 20,000 tokens', '1 call']);
    const calls = new UsageSoFar({ budget: { ...noBudget, modelCalls: 4 }, deadlineMs: 0 });
    expect(calls.facts(0)).toEqual(['0.0 s', '0 of 4 calls']);
  });

  it('tells the deadline once half of it has passed', () => {
    const usage = new UsageSoFar({ budget: undefined, deadlineMs: 60_000 });
    expect(usage.facts(30_000)).toEqual(['30.0 s']);
    expect(usage.facts(30_001)).toEqual(['30.0 s of 1 min 0 s']);
  });
});
