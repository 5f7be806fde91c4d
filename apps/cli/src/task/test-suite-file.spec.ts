import { Integrity, WhitespaceRule } from '@flowreasoner/contracts/sandbox';
import { describe, expect, it } from 'vitest';
import { suiteOf, testsSchema } from './test-suite-file.js';

describe('suiteOf', () => {
  it.each([
    ['def check(c): pass', { $case: 'function', value: { testCode: 'def check(c): pass', asserts: [] } }],
    [['assert f()'], { $case: 'function', value: { testCode: '', asserts: ['assert f()'] } }],
    [{ unittest: 'class T' }, { $case: 'unittest', value: { entryPoint: 'f', testCode: 'class T' } }],
    [
      { values: [{ arguments: [1, [null]], expected: { a: true } }] },
      {
        $case: 'values',
        value: { cases: [{ argumentsJson: '[1,[null]]', expectedJson: '{"a":true}' }] },
      },
    ],
    [
      { stdio: [{ stdin: '1', stdout: '2' }], whitespace: 'words', tolerance: 0.5 },
      {
        $case: 'stdio',
        value: { tolerance: 0.5, whitespace: WhitespaceRule.WHITESPACE_RULE_WORDS },
      },
    ],
  ])('reads %j', (tests, suite) => {
    expect(suiteOf(testsSchema.parse(tests), 'f', true)).toMatchObject({ hidden: true, suite });
  });

  it('takes the integrity that is asked for', () => {
    const read = (tests: unknown): Integrity => suiteOf(testsSchema.parse(tests), 'f', false).integrity;
    expect(read('x')).toBe(Integrity.INTEGRITY_UNSPECIFIED);
    expect(read({ unittest: 'x', integrity: 'isolated' })).toBe(Integrity.INTEGRITY_ISOLATED);
    expect(read({ unittest: 'x', integrity: 'shared_process' })).toBe(Integrity.INTEGRITY_SHARED_PROCESS);
  });

  it.each([[{ unittest: '' }], [{ stdio: [] }], [{ unittest: 'x', integrity: 'none' }], [{ pytest: 'x' }]])(
    'refuses %j',
    (tests) => {
      expect(testsSchema.safeParse(tests).success).toBe(false);
    },
  );
});
