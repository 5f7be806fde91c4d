import { AdvantageMethod } from '@flowreasoner/contracts/reward';

/** Keeps the division finite; the value that verl uses. */
const epsilon = 1e-6;

/**
 * Group-relative advantages of rewards.
 *
 * GRPO (DeepSeekMath, arXiv 2402.03300): (r − mean) / (s + 1e-6), where s is the
 * sample standard deviation (n − 1) as TRL and verl take it. Dr. GRPO (arXiv
 * 2503.20783): r − mean. A reward alone, and rewards that are all equal, have
 * advantage 0.
 */
export function advantages(rewards: readonly number[], method: AdvantageMethod): number[] {
  const first = rewards[0];
  if (first === undefined) return [];
  if (rewards.every((value) => value === first)) return rewards.map(() => 0);
  const mean = rewards.reduce((sum, value) => sum + value, 0) / rewards.length;
  const centred = rewards.map((value) => value - mean);
  if (method === AdvantageMethod.ADVANTAGE_METHOD_DR_GRPO) return centred;
  const deviation = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0) / (rewards.length - 1));
  return centred.map((value) => value / (deviation + epsilon));
}
