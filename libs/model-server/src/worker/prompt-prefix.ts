/**
 * Tokens that are evaluated together when a prompt is read. The rounding of a token's
 * result depends on how many stand in its batch, so a prompt is always cut at the same
 * places, whatever part of it is known already.
 */
export const PROMPT_BLOCK = 64;

/**
 * How much of the tokens in the context can be kept for the next prompt without changing
 * a single bit of what the model computes: all of them when they are the same, else the
 * whole blocks that both have in common.
 *
 * @param held prompt tokens in the context, evaluated block by block from the first
 * @param wanted prompt tokens to evaluate
 * @returns a number of tokens to keep
 */
export function reusablePrefix(held: readonly number[], wanted: readonly number[]): number {
  const shorter = Math.min(held.length, wanted.length);
  let common = 0;
  while (common < shorter && held[common] === wanted[common]) common++;
  if (common === held.length && common === wanted.length) return common;
  return common - (common % PROMPT_BLOCK);
}
