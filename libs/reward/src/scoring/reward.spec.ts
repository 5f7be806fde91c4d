import type { Components } from '@flowreasoner/contracts/reward';
import { describe, expect, it } from 'vitest';
import { correctnessSpec, defaultSpec } from '../specs/default-spec.js';
import { reward } from './reward.js';

const components: Components = {
  executed: 1,
  passRate: 0.5,
  allPassed: 0,
  complexity: 0.4,
  efficiency: 0.75,
  diversity: 0.6,
  format: 1,
};

describe('reward', () => {
  it('is the default formula term by term', () => {
    // 0.5 + 0.5·0 − 0.1·0.4 − 0.1·(1 − 0.75) + 0.1·0.6
    expect(reward(defaultSpec, components, true)).toBeCloseTo(0.495, 12);
    // 1 + 0.5 − 0.04 − 0.025 + 0.06
    expect(reward(defaultSpec, { ...components, passRate: 1, allPassed: 1 }, true)).toBeCloseTo(1.495, 12);
  });

  it('counts size, cost and diversity only among the best of the group', () => {
    expect(reward(defaultSpec, components, false)).toBe(0.5);
  });

  it('is 0 when a gate is closed, whatever passed', () => {
    expect(reward(defaultSpec, { ...components, executed: 0, passRate: 1, allPassed: 1 }, true)).toBe(0);
    expect(reward(correctnessSpec, { ...components, executed: 0, allPassed: 1 }, true)).toBe(0);
  });

  it('subtracts shortfalls, so a wasteful right answer stays above a thrifty half-right one', () => {
    const wasteful = { ...components, passRate: 1, allPassed: 1, complexity: 1, efficiency: 0, diversity: 0 };
    const thrifty = { ...components, passRate: 0.99, complexity: 0, efficiency: 1, diversity: 1 };
    expect(reward(defaultSpec, wasteful, true)).toBeCloseTo(1.3, 12);
    expect(reward(defaultSpec, wasteful, true)).toBeGreaterThan(reward(defaultSpec, thrifty, true));
  });

  it('leaves out what a spec does not name', () => {
    expect(reward(correctnessSpec, { ...components, allPassed: 1, complexity: 1 }, true)).toBe(1);
  });
});
