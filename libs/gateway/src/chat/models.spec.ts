import { describe, expect, it } from 'vitest';
import { modelIds, readModel } from './models.js';

describe('names of models', () => {
  it.each([
    ['flowreasoner', ''],
    ['flowreasoner-fast', 'search'],
    ['flowreasoner-llm', 'llm'],
    ['flowreasoner-search', 'search'],
    ['flowreasoner-fixed-best-of-n', 'fixed:best-of-n'],
  ])('%s asks for the policy %j', (id, policy) => {
    expect(readModel(id).policy).toBe(policy);
  });

  it.each([
    '',
    'gpt-4o',
    'flowreasoner-',
    'flowreasoner-Fixed',
    'flowreasoner-a b',
    `flowreasoner-${'x'.repeat(65)}`,
  ])('%j is none', (id) => {
    expect(() => readModel(id)).toThrow('There is no model');
  });

  it('listed for policies are read as those policies', () => {
    const policies = ['llm', 'search', 'fixed:best-of-n-repair'];
    expect(
      modelIds(policies)
        .slice(2)
        .map((id) => readModel(id).policy),
    ).toEqual(policies);
  });
});
