import type { Random } from '../ports.js';
import { pickWeighted } from './seeded-random.js';

/** A finished round, as far as choosing among rounds needs it. */
export interface ScoredRound {
  readonly round: number;
  /** In [0, 1]. */
  readonly score: number;
}

const uniformShare = 0.3;
const softness = 0.2;
const choices = 4;

/**
 * The rounds that a new one may grow from: round 1 and the best three others,
 * earlier ones first where scores are equal.
 */
export function parentCandidates<T extends ScoredRound>(rounds: readonly T[]): T[] {
  const first = rounds.filter((each) => each.round === 1);
  const others = rounds
    .filter((each) => each.round !== 1)
    .sort((a, b) => b.score - a.score || a.round - b.round)
    .slice(0, choices - first.length);
  return [...first, ...others];
}

/**
 * How likely each candidate is: p = 0.3/n + 0.7·softmax(0.2·(100·score − max)),
 * AFlow's rule (arXiv 2410.10762, mixed probability selection) with its
 * released constants; scores count in percent.
 */
export function parentProbabilities(candidates: readonly ScoredRound[]): number[] {
  const percents = candidates.map((each) => 100 * each.score);
  const max = Math.max(...percents);
  const powers = percents.map((percent) => Math.exp(softness * (percent - max)));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => uniformShare / candidates.length + ((1 - uniformShare) * power) / total);
}

/** The round that the next one grows from; undefined when there is none yet. */
export function chooseParent<T extends ScoredRound>(rounds: readonly T[], random: Random): T | undefined {
  const [first, ...others] = parentCandidates(rounds);
  if (first === undefined) return undefined;
  const candidates: [T, ...T[]] = [first, ...others];
  return pickWeighted(random, candidates, parentProbabilities(candidates));
}
