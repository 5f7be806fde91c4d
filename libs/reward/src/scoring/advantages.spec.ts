import { AdvantageMethod } from '@flowreasoner/contracts/reward';
import { describe, expect, it } from 'vitest';
import { advantages } from './advantages.js';

const { ADVANTAGE_METHOD_GRPO: grpo, ADVANTAGE_METHOD_DR_GRPO: drGrpo } = AdvantageMethod;

describe('advantages', () => {
  it('GRPO divides by the sample standard deviation', () => {
    // mean 2, sample deviation of 1, 2, 3 is 1
    const [low, middle, high] = advantages([1, 2, 3], grpo);
    expect(low).toBeCloseTo(-1, 5);
    expect(middle).toBe(0);
    expect(high).toBeCloseTo(1, 5);
  });

  it('takes an unset method as GRPO', () => {
    const unset = AdvantageMethod.ADVANTAGE_METHOD_UNSPECIFIED;
    expect(advantages([0, 1, 1], unset)).toEqual(advantages([0, 1, 1], grpo));
  });

  it('Dr. GRPO only centres', () => {
    expect(advantages([0, 0, 4], drGrpo)).toEqual([-4 / 3, -4 / 3, 4 - 4 / 3]);
  });

  it.each([grpo, drGrpo])('is 0 for equal rewards, one alone and none (method %i)', (method) => {
    // Three times 0.1 has a mean that is not exactly 0.1.
    expect(advantages([0.1, 0.1, 0.1], method)).toEqual([0, 0, 0]);
    expect(advantages([1.5], method)).toEqual([0]);
    expect(advantages([], method)).toEqual([]);
  });

  it('sums to about 0', () => {
    const sum = advantages([0.2, 1.5, -0.1, 0.9], grpo).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(0, 9);
  });
});
