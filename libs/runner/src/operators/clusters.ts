import { answerKey } from '../text/answers.js';
import { shuffled } from './shuffle.js';

/** Solutions that come to the same. */
export interface Cluster {
  /** The first of them, as it was given. */
  readonly representative: string;
  /** How many there are. */
  readonly size: number;
}

/** Groups solutions with equal keys, in order of their first ones. */
export function clusterBy(
  solutions: readonly string[],
  keyOf: (solution: string) => string,
): readonly Cluster[] {
  const clusters = new Map<string, Cluster>();
  for (const solution of solutions) {
    const key = keyOf(solution);
    const { representative, size } = clusters.get(key) ?? { representative: solution, size: 0 };
    clusters.set(key, { representative, size: size + 1 });
  }
  return [...clusters.values()];
}

/** Groups texts that give the same final answer. */
export function clusterAnswers(solutions: readonly string[]): readonly Cluster[] {
  return clusterBy(solutions, answerKey);
}

/** The largest of some clusters; chance decides among equals. */
export function largestCluster(clusters: readonly Cluster[], random: () => number): Cluster | undefined {
  let largest: Cluster | undefined;
  for (const cluster of shuffled(clusters, random)) {
    if (largest === undefined || cluster.size > largest.size) largest = cluster;
  }
  return largest;
}
