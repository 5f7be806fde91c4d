import { OPERATORS } from '@flowreasoner/workflow';
import { describe, expect, it } from 'vitest';
import type { Operator } from './operator.js';
import { OPERATOR_REGISTRY } from './registry.js';
import { fakeContext, TWO_CHECKS } from './testing/fake-context.js';

const CALL = {
  arguments: {
    input: 'i',
    problem: 'p',
    solution: 's',
    solutions: ['s', 't'],
    entry_point: 'f',
    instruction: '',
    feedback: 'b',
    n: 1,
    test_loop: 0,
  },
  task: { entryPoint: 'f', visibleChecks: TWO_CHECKS },
  answers: Array.from(
    { length: 5 },
    () => '<solution_letter>A</solution_letter>\n```\ndef solve():\n    return 1\n```',
  ),
  grade: () => ['ok', '3'],
  execute: () => '1',
};

describe('OPERATOR_REGISTRY', () => {
  it('holds every operator of the catalogue and no other', () => {
    expect([...OPERATOR_REGISTRY.keys()].sort()).toEqual([...OPERATORS.keys()].sort());
  });

  it('names the prompts of each, with their versions', () => {
    for (const { prompts } of OPERATOR_REGISTRY.values()) {
      for (const { version } of prompts) expect(version).toBeGreaterThan(0);
    }
    const without = [...OPERATOR_REGISTRY.values()].filter(({ prompts }) => prompts.length === 0);
    expect(without.map(({ name }) => name)).toEqual(['custom']);
  });

  it.each([...OPERATOR_REGISTRY.values()])(
    "gives the catalogue's fields: $name",
    async (operator: Operator) => {
      const fields = OPERATORS.get(operator.name)?.resultFields;
      expect(Object.keys(await operator.standard(fakeContext(CALL)))).toEqual(fields);
      const compatible = operator.compatible ?? operator.standard;
      expect(Object.keys(await compatible(fakeContext(CALL)))).toEqual(fields);
    },
  );

  it.each([...OPERATOR_REGISTRY.values()])(
    'keeps to the bounds of model calls: $name',
    async ({ name, standard, compatible }) => {
      const bounds = OPERATORS.get(name)?.modelCalls({ n: 1, test_loop: 0 });
      for (const run of [standard, compatible ?? standard]) {
        const context = fakeContext(CALL);
        await run(context);
        expect(context.asked.length).toBeGreaterThanOrEqual(bounds?.least ?? Infinity);
        expect(context.asked.length).toBeLessThanOrEqual(bounds?.greatest ?? -Infinity);
      }
    },
  );
});
