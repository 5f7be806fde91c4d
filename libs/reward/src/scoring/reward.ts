import type { Components, RewardSpec } from '@flowreasoner/contracts/reward';
import { componentFields, isComponentName } from './component-names.js';

/**
 * The number that a spec makes of a sample's components: 0 unless every gate is
 * 1, else Σ weights[c]·c − Σ shortfall_weights[c]·(1 − c). Terms of `among_best`
 * are left out unless the sample passes as much as the best of its group.
 */
export function reward(spec: RewardSpec, components: Components, amongBest: boolean): number {
  const value = (name: string): number => (isComponentName(name) ? components[componentFields[name]] : 0);
  if (spec.gates.some((gate) => value(gate) !== 1)) return 0;
  const counts = ([name]: [string, number]): boolean => amongBest || !spec.amongBest.includes(name);
  let sum = 0;
  for (const [name, weight] of Object.entries(spec.weights).filter(counts)) sum += weight * value(name);
  for (const [name, weight] of Object.entries(spec.shortfallWeights).filter(counts))
    sum -= weight * (1 - value(name));
  return sum;
}
