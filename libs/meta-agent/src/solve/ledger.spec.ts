import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import { addUsage, noUsage } from './usage.js';

const call = { modelCalls: 1, promptTokens: 10, completionTokens: 5, costUsd: 0.25, sandboxMs: 0 };
const none = { costUsd: undefined, tokens: undefined, modelCalls: undefined, sandboxMs: undefined };

describe('the ledger', () => {
  it('puts the total of a piece of work in place of its single requests', () => {
    const ledger = new Ledger(none);
    ledger.add(call);
    const tab = ledger.open();
    tab.add(call);
    tab.add(call);
    expect(ledger.total.modelCalls).toBe(3);
    tab.settle({ ...call, modelCalls: 4 });
    expect(ledger.total.modelCalls).toBe(5);
    ledger.startRound();
    ledger.add(call);
    expect(ledger.round.modelCalls).toBe(1);
    expect(ledger.total.modelCalls).toBe(6);
  });

  it('tells what is left, never less than nothing, and nothing of what is not limited', () => {
    const ledger = new Ledger({ ...none, tokens: 20, modelCalls: 5, costUsd: 0.3 });
    ledger.add(call);
    expect(ledger.remaining).toEqual({ tokens: 5, modelCalls: 4, costUsd: 0.3 - 0.25, sandboxMs: undefined });
    expect(ledger.exhausted).toBeUndefined();
    ledger.add(call);
    expect(ledger.remaining).toMatchObject({ tokens: 0, costUsd: 0 });
    expect(ledger.exhausted).toBe('$0.3');
  });

  it.each([
    [{ tokens: 15 }, '15 tokens'],
    [{ modelCalls: 1 }, '1 model calls'],
    [{ sandboxMs: 7 }, '7 ms in the sandbox'],
  ])('names the limit %j when it is used up', (budget, name) => {
    const ledger = new Ledger({ ...none, ...budget });
    ledger.add({ ...call, sandboxMs: 7 });
    expect(ledger.exhausted).toBe(name);
  });

  it('knows no cost when a part has none, and takes no request for free', () => {
    expect(addUsage(call, { ...call, costUsd: undefined }).costUsd).toBeUndefined();
    expect(addUsage(call, { ...noUsage, costUsd: undefined }).costUsd).toBe(0.25);
    expect(addUsage(call, undefined)).toEqual(call);
    const huge = { ...call, promptTokens: 2 ** 32 - 1 };
    expect(addUsage(huge, huge).promptTokens).toBe(2 ** 32 - 1);
  });
});
