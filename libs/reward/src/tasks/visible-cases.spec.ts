import { Integrity, WhitespaceRule } from '@flowreasoner/contracts/sandbox';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import { describe, expect, it } from 'vitest';
import { functionSuite } from '../testing/fixtures.js';
import { visibleCases } from './visible-cases.js';

function isVisible(hidden: string, visible: string): boolean {
  const [result] = visibleCases(functionSuite({ asserts: [hidden] }), functionSuite({ asserts: [visible] }));
  return result === true;
}

function suiteOf(suite: NonNullable<Suite['suite']>): Suite {
  return { suite, integrity: Integrity.INTEGRITY_UNSPECIFIED, hidden: true };
}

describe('visibleCases', () => {
  it.each([
    ['assert add(1,2)==3', 'assert  add( 1, 2 ) == 3  # sum'],
    ['assert candidate(1, 2) == 3', 'assert add(1, 2) == 3'],
    ['assert (add(1, 2) == 3)', 'assert add(1, 2) == 3'],
    ['assert add(1, 2) == 3, "wrong sum"', 'assert add(1, 2) == 3'],
    ["assert add('a', 'b') == 'ab'", 'assert add("a", "b") == "ab"'],
    ['assert add([1, 2,], 3) == 4', 'assert add([1, 2], 3) == 4'],
  ])('takes %j and %j as one case', (hidden, visible) => expect(isVisible(hidden, visible)).toBe(true));

  it.each([
    ['assert add(1, 2) == 3', 'assert add(2, 1) == 3'],
    ['assert add(1, 2) == 3', 'assert add(1, 2) != 3'],
    ['assert add((1,)) == 1', 'assert add((1)) == 1'],
    ['assert add("a b") == 1', 'assert add("ab") == 1'],
    ['assert add((1 + 2) * 3) == 1', 'assert add(1 + 2 * 3) == 1'],
    ['assert not add(1)', 'assert add(1)'],
    ['assert add("a") == 1', 'assert add(a) == 1'],
    ["assert add(b'a') == 1", "assert add('a') == 1"],
  ])('tells %j from %j', (hidden, visible) => expect(isVisible(hidden, visible)).toBe(false));

  it('lists the asserts of the module and of check before single ones', () => {
    const testCode = [
      'def helper(candidate):',
      '    assert candidate(5, 5) == 10',
      'class Other:',
      '    assert True',
      'for n in range(2):',
      '    assert add(n, 1) == n + 1',
      '@decorated',
      'def check(candidate):',
      '    assert candidate(1, 2) == 3',
      '    for n in range(2):',
      '        assert candidate(n, 0) == n, "assert candidate(5, 5) == 10"',
      '    text = "assert candidate(7, 7) == 14"',
    ].join('\n');
    const hidden = functionSuite({ testCode, asserts: ['assert add(9, 9) == 18', 'assert add(1, 1) == 2'] });
    const asserts = ['assert add(9, 9) == 18', 'assert add(1, 2) == 3', 'assert add(5, 5) == 10'];
    expect(visibleCases(hidden, functionSuite({ asserts }))).toEqual([false, true, false, true, false]);
  });

  it('counts a check without asserts as one case', () => {
    const hidden = (testCode: string) => functionSuite({ testCode, asserts: ['assert add(1, 2) == 3'] });
    const visible = functionSuite({ asserts: ['assert add(1, 2) == 3'] });
    expect(visibleCases(hidden('def check(candidate):\n    run(candidate)'), visible)).toEqual([false, true]);
    expect(visibleCases(hidden('async def check(candidate):\n    assert candidate()'), visible)).toEqual([
      true,
    ]);
  });

  it('compares values and programs by what they mean', () => {
    const values = (argumentsJson: string, expectedJson: string): Suite =>
      suiteOf({ $case: 'values', value: { entryPoint: 'f', cases: [{ argumentsJson, expectedJson }] } });
    expect(visibleCases(values('[{"a":1,"b":[2]}]', '3'), values('[ {"b": [2], "a": 1} ]', '3'))).toEqual([
      true,
    ]);
    expect(visibleCases(values('[1]', '3'), values('[1]', '4'))).toEqual([false]);

    const stdio = (stdin: string, stdout: string): Suite =>
      suiteOf({
        $case: 'stdio',
        value: {
          cases: [{ stdin, stdout }],
          tolerance: 0,
          whitespace: WhitespaceRule.WHITESPACE_RULE_TRAILING,
        },
      });
    expect(visibleCases(stdio('1 2\n', '3\n'), stdio('1 2', '3  \n\n'))).toEqual([true]);
    expect(visibleCases(stdio('1 2', '3'), stdio('12', '3'))).toEqual([false]);
  });

  it('finds nothing visible without visible checks, and knows no cases of a unittest suite', () => {
    expect(visibleCases(functionSuite(), undefined)).toEqual([false, false]);
    const unittest = suiteOf({ $case: 'unittest', value: { entryPoint: 'f', testCode: 'class T: ...' } });
    expect(visibleCases(unittest, functionSuite())).toEqual([]);
  });
});
