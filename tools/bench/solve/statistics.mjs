// What results say: solved per method with intervals, and methods compared
// problem by problem.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** 97.5 % points of Student's t for 1 to 9 degrees of freedom. */
const students = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** Mean over seeds and half the width of its 95 % interval (Student's t); undefined for one seed. */
export function overSeeds(values) {
  const average = mean(values);
  if (values.length < 2) return { mean: average, half: undefined };
  const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1);
  const t = students[Math.min(values.length - 2, students.length - 1)];
  return { mean: average, half: t * Math.sqrt(variance / values.length) };
}

/**
 * Two methods on the same problems and seeds: problems that only one of them
 * solves, and the difference in solved shares with its 95 % interval by
 * resampling problems (seeded, so that it can be repeated).
 */
export function paired(pairs, resamples = 4_000) {
  const byProblem = new Map();
  for (const { problem, a, b } of pairs) {
    byProblem.set(problem, [...(byProblem.get(problem) ?? []), b - a]);
  }
  const differences = [...byProblem.values()].map(mean);
  let state = 12_345;
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  const drawn = Array.from({ length: resamples }, () =>
    mean(differences.map(() => differences[Math.floor(random() * differences.length)])),
  ).sort((x, y) => x - y);
  return {
    onlyA: pairs.filter(({ a, b }) => a > b).length,
    onlyB: pairs.filter(({ a, b }) => b > a).length,
    difference: mean(differences),
    low: drawn[Math.floor(0.025 * resamples)],
    high: drawn[Math.floor(0.975 * resamples)],
  };
}
