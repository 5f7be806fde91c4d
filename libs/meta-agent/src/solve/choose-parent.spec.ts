import { describe, expect, it } from 'vitest';
import { chooseParent, parentCandidates, parentProbabilities } from './choose-parent.js';
import { seededRandom } from './seeded-random.js';

const rounds = [
  { round: 1, score: 0.1 },
  { round: 2, score: 0.5 },
  { round: 3, score: 0.5 },
  { round: 4, score: 0.9 },
  { round: 5, score: 0.2 },
];

describe('choosing a parent', () => {
  it('considers round 1 and the best three others', () => {
    expect(parentCandidates(rounds).map((each) => each.round)).toEqual([1, 4, 2, 3]);
    expect(parentCandidates([])).toEqual([]);
  });

  it('gives the probabilities of the published rule', () => {
    const [worse, better] = parentProbabilities([
      { round: 1, score: 0.5 },
      { round: 2, score: 0.6 },
    ]);
    const soft = 1 / (1 + Math.exp(-2));
    expect(better).toBeCloseTo(0.15 + 0.7 * soft, 12);
    expect(worse).toBeCloseTo(0.15 + 0.7 * (1 - soft), 12);
  });

  it('draws as often as the probabilities say', () => {
    const random = seededRandom('draws');
    const counts = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      const parent = chooseParent(rounds, random)?.round ?? 0;
      counts.set(parent, (counts.get(parent) ?? 0) + 1);
    }
    const probabilities = parentProbabilities(parentCandidates(rounds));
    [1, 4, 2, 3].forEach((round, index) => {
      expect((counts.get(round) ?? 0) / 20_000).toBeCloseTo(probabilities[index] ?? 0, 1);
    });
    expect(counts.has(5)).toBe(false);
  });

  it('repeats itself for equal seeds and has nothing to choose at first', () => {
    const draw = (): (number | undefined)[] => {
      const random = seededRandom(7, 'parent');
      return Array.from({ length: 20 }, () => chooseParent(rounds, random)?.round);
    };
    expect(draw()).toEqual(draw());
    expect(chooseParent([], seededRandom(1))).toBeUndefined();
  });
});
