import type { Components } from '@flowreasoner/contracts/reward';

/** Field of each component by its name in the contract, which specs use. */
export const componentFields = {
  executed: 'executed',
  pass_rate: 'passRate',
  all_passed: 'allPassed',
  complexity: 'complexity',
  efficiency: 'efficiency',
  diversity: 'diversity',
  format: 'format',
} as const satisfies Record<string, keyof Components>;

/** A component's name in the contract, such as `pass_rate`. */
export type ComponentName = keyof typeof componentFields;

/** Whether a text is a component's name. */
export function isComponentName(name: string): name is ComponentName {
  return Object.hasOwn(componentFields, name);
}
