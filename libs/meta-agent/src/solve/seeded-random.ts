import { createHash } from 'node:crypto';
import type { Random } from '../ports.js';

/**
 * Repeatable random numbers for decisions of a run (mulberry32 by Tommy
 * Ettinger, public domain). Not for secrets.
 *
 * @param parts what the stream is for, such as a seed and a round; equal parts give equal numbers
 */
export function seededRandom(...parts: readonly (string | number)[]): Random {
  let state = seedFrom(...parts);
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** A seed of 31 bits that depends on every part. */
export function seedFrom(...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(parts.join('\u0000')).digest().readUInt32BE(0) >>> 1;
}

/** One of the items, each as likely as its weight; the first where all weights are 0. */
export function pickWeighted<T>(random: Random, items: readonly [T, ...T[]], weights: readonly number[]): T {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let at = random.next() * total;
  for (const [index, item] of items.entries()) {
    at -= weights[index] ?? 0;
    if (at < 0) return item;
  }
  return items[0];
}

/** One of the items, all alike likely. */
export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random.next() * items.length)] ?? items[0];
}
