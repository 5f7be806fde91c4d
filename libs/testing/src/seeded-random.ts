/**
 * A stream of numbers in [0, 1) that is the same for the same seed, for tests
 * and for code that must repeat. The generator is mulberry32 (Tommy Ettinger,
 * public domain): 32 bits of state, not for secrets.
 *
 * @param seed any integer; only its low 32 bits count
 */
export function createSeededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
