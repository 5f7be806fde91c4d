import type { Usage } from '@flowreasoner/contracts/workflow';
import { describe, expect, it } from 'vitest';
import { functionSuite, sample, stdioSuite } from '../testing/fixtures.js';
import { fakeWorkflow } from '../testing/fake-workflows.js';
import { complexity, efficiency, executed, format } from './components.js';

describe('complexity', () => {
  const none = { nodes: 0, operatorCalls: 0, depth: 0 };

  it('is 0 for nothing, a half at the half sizes, and grows below 1', () => {
    expect(complexity(none)).toBe(0);
    expect(complexity({ ...none, nodes: 100, operatorCalls: 5, depth: 4 })).toBe(0.5);
    expect(complexity({ ...none, nodes: 1e6, operatorCalls: 1e6, depth: 1e6 })).toBeLessThan(1);
  });

  it('is the mean of the three terms', () => {
    expect(complexity({ ...none, nodes: 100 })).toBeCloseTo(1 / 6, 12);
    expect(complexity({ ...none, operatorCalls: 15 })).toBeCloseTo(0.25, 12);
  });
});

describe('efficiency', () => {
  const usage: Usage = {
    modelCalls: 2,
    promptTokens: 300,
    completionTokens: 100,
    sandboxMs: 50,
    costUsd: 0.02,
  };

  it('takes the part of the budget that is used most', () => {
    expect(efficiency(usage, { tokens: 1000, modelCalls: 8 })).toBeCloseTo(0.6, 12);
    expect(efficiency(usage, { tokens: 1000, modelCalls: 8, sandboxMs: 100 })).toBe(0.5);
    expect(efficiency(usage, { costUsd: 0.2 })).toBeCloseTo(0.9, 12);
  });

  it('never leaves [0, 1]', () => {
    expect(efficiency(usage, { tokens: 10 })).toBe(0);
    expect(efficiency(usage, { tokens: 0 })).toBe(0);
    expect(efficiency({ ...usage, sandboxMs: 0 }, { sandboxMs: 0 })).toBe(1);
  });

  it('is 1 without a budget', () => {
    expect(efficiency(undefined, undefined)).toBe(1);
    expect(efficiency(usage, {})).toBe(1);
  });

  it('takes what is unknown as used up', () => {
    expect(efficiency(undefined, { tokens: 1000 })).toBe(0);
    expect(efficiency({ ...usage, costUsd: undefined }, { costUsd: 1, tokens: 1000 })).toBe(0);
  });
});

describe('executed', () => {
  it('needs both flags', () => {
    expect(executed(sample(), undefined)).toBe(1);
    expect(executed(sample({ valid: false }), undefined)).toBe(0);
    expect(executed(sample({ executed: false }), undefined)).toBe(0);
  });

  it('does not believe a workflow to be valid that is not', () => {
    expect(executed(sample({ workflow: 'broken' }), undefined)).toBe(0);
    expect(executed(sample({ workflow: 'a b' }), fakeWorkflow('a b'))).toBe(1);
  });
});

describe('format', () => {
  it.each([
    'def add(a, b): ...',
    'import x\n\nasync def add(a): ...',
    'class add: ...',
    'add = lambda a: a',
    'add: T = 1',
  ])('finds the entry point in %j', (answer) =>
    expect(format(answer, { kind: 'suite', suite: functionSuite() })).toBe(1),
  );

  it.each([
    '',
    'def addition(a): ...',
    '  def add(a): ...',
    'add == 1',
    'print(add)',
    'The answer is to add.',
  ])('finds none in %j', (answer) =>
    expect(format(answer, { kind: 'suite', suite: functionSuite() })).toBe(0),
  );

  it('asks only for some text where tests name no entry point', () => {
    expect(format('print(1)', { kind: 'suite', suite: stdioSuite() })).toBe(1);
    expect(format(' \n', { kind: 'answer', checks: { rule: undefined } })).toBe(0);
    expect(format(' \n', { kind: 'suite', suite: stdioSuite() })).toBe(0);
  });
});
