import { createHash } from 'node:crypto';

const LARGEST_SEED = 2 ** 32 - 2;

/**
 * The seed of one of a request's samples. Hashed, not counted up, so that the samples
 * of neighbouring request seeds don't overlap.
 *
 * @param requestSeed any integer
 * @param sample index of the sample, from 0
 * @returns an integer in [0, 2^32 - 2]
 */
export function sampleSeed(requestSeed: number, sample: number): number {
  const digest = createHash('sha256').update(`${requestSeed}:${sample}`).digest();
  return Math.min(digest.readUInt32BE(0), LARGEST_SEED);
}
