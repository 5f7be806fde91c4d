import { describe, expect, it } from 'vitest';
import { sampleSeed } from './seed.js';

describe('sampleSeed', () => {
  it('is the same for the same request seed and sample', () => {
    expect(sampleSeed(42, 3)).toBe(sampleSeed(42, 3));
  });

  it('differs between samples, and between requests with neighbouring seeds', () => {
    const seeds = [0, 1, 2, -1].flatMap((seed) => [0, 1, 2, 3].map((sample) => sampleSeed(seed, sample)));
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});
