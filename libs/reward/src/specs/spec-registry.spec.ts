import type { RewardSpec } from '@flowreasoner/contracts/reward';
import { describe, expect, it } from 'vitest';
import { correctnessSpec, defaultSpec } from './default-spec.js';
import { SpecRegistry } from './spec-registry.js';

function version(name: string): RewardSpec {
  return { ...defaultSpec, name };
}

describe('SpecRegistry', () => {
  const registry = new SpecRegistry([
    version('specs/default@10'),
    version('specs/default@9'),
    defaultSpec,
    correctnessSpec,
  ]);

  it('finds an exact version, and the latest where none is named', () => {
    expect(registry.get('specs/default@9').name).toBe('specs/default@9');
    expect(registry.get('specs/default').name).toBe('specs/default@10');
    expect(registry.get('').name).toBe('specs/default@10');
    expect(registry.get('specs/correctness').name).toBe('specs/correctness@1');
  });

  it.each(['specs/default@2', 'specs/other', 'default', 'specs/default@'])('has no %s', (name) => {
    expect(() => registry.get(name)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', reason: 'SPEC_NOT_FOUND' }),
    );
  });

  it('lists specs by name, versions as numbers, from any place on', () => {
    const names = (after: string | undefined, count: number): string[] =>
      registry.after(after, count).specs.map(({ name }) => name);
    expect(names(undefined, 3)).toEqual(['specs/correctness@1', 'specs/default@1', 'specs/default@9']);
    expect(registry.after(undefined, 3).more).toBe(true);
    expect(names('specs/default@9', 3)).toEqual(['specs/default@10']);
    expect(names('specs/default@5', 1)).toEqual(['specs/default@9']);
    expect(registry.after(undefined, 4).more).toBe(false);
    expect(registry.after('specs/default@10', 4)).toEqual({ specs: [], more: false });
  });

  it('refuses specs that can mean nothing', () => {
    expect(() => new SpecRegistry([defaultSpec, defaultSpec])).toThrow('one name');
    expect(() => new SpecRegistry([version('default')])).toThrow('specs/<id>@<version>');
    expect(() => new SpecRegistry([{ ...defaultSpec, weights: { speed: 1 } }])).toThrow(
      'unknown component speed',
    );
  });
});
