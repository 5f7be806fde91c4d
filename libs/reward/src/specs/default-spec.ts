import type { RewardSpec } from '@flowreasoner/contracts/reward';

/**
 * The default reward. The method this service implements publishes no weights,
 * so these are ours; a change of any number is a new version.
 */
export const defaultSpec: RewardSpec = {
  name: 'specs/default@1',
  description:
    'Correctness first; among the most correct answers, smaller, cheaper and more diverse workflows.',
  weights: { pass_rate: 1, all_passed: 0.5, complexity: -0.1, diversity: 0.1 },
  shortfallWeights: { efficiency: 0.1 },
  gates: ['executed'],
  amongBest: ['complexity', 'efficiency', 'diversity'],
  formula:
    'R = 0 unless the workflow is valid and was executed; else R = pass_rate + 0.5·all_passed, and, for answers ' +
    'that pass as much as the best of their group, − 0.1·complexity − 0.1·(1 − efficiency) + 0.1·diversity',
};

/** Correctness alone: for comparisons, and where the workflow's form must not matter. */
export const correctnessSpec: RewardSpec = {
  name: 'specs/correctness@1',
  description: 'Whether every hidden case passed, and nothing else.',
  weights: { all_passed: 1 },
  shortfallWeights: {},
  gates: ['executed'],
  amongBest: [],
  formula: 'R = 0 unless the workflow is valid and was executed; else R = all_passed',
};
