import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, MAX_LIMITS, MIN_LIMITS, effectiveLimits, limitsToContract } from './limits.js';

describe('effectiveLimits', () => {
  it('takes defaults for what is unset', () => {
    expect(effectiveLimits(undefined)).toEqual(DEFAULT_LIMITS);
    expect(effectiveLimits({ wallMs: 0, memoryBytes: 0n })).toEqual(DEFAULT_LIMITS);
  });

  it('clamps between the minimum and the maximum', () => {
    const huge = {
      wallMs: 4e9,
      cpuMs: 4e9,
      memoryBytes: 2n ** 63n,
      processes: 4e9,
      outputBytes: 4e9,
      diskBytes: 2n ** 63n,
    };
    expect(effectiveLimits(huge)).toEqual(MAX_LIMITS);
    const tiny = { wallMs: 1, cpuMs: 1, memoryBytes: 1n, processes: 1, outputBytes: 1, diskBytes: 1n };
    expect(effectiveLimits(tiny)).toEqual(MIN_LIMITS);
    expect(effectiveLimits({ wallMs: 1234 }).wallMs).toBe(1234);
  });

  it("keeps defaults within a server's smaller maximum", () => {
    const max = { ...MAX_LIMITS, wallMs: 2000 };
    expect(effectiveLimits({}, max).wallMs).toBe(2000);
    expect(effectiveLimits({ wallMs: 5000 }, max).wallMs).toBe(2000);
  });

  it('goes back into the contract', () => {
    expect(limitsToContract(DEFAULT_LIMITS)).toMatchObject({
      memoryBytes: 512n * 1024n * 1024n,
      wallMs: 10_000,
    });
  });
});
