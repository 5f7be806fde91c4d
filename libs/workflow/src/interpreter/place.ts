/** Mixes text into a 32-bit hash (FNV-1a with a final avalanche, as in MurmurHash3). */
export function hash32(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The seed of a place in a program: an integer in [0, 2^31) that depends on nothing but its arguments. */
export function seedOf(seed: number, place: string): number {
  return hash32(`${seed}|${place}`) >>> 1;
}

/** Random numbers in [0, 1) from a seed (mulberry32): the same sequence in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
