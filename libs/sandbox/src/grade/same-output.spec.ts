import { WhitespaceRule } from '@flowreasoner/contracts/sandbox';
import { describe, expect, it } from 'vitest';
import { sameOutput } from './same-output.js';

const RULES = {
  trailing: WhitespaceRule.WHITESPACE_RULE_TRAILING,
  words: WhitespaceRule.WHITESPACE_RULE_WORDS,
  exact: WhitespaceRule.WHITESPACE_RULE_EXACT,
} as const;

function same(actual: string, expected: string, rule: keyof typeof RULES, tolerance = 0): boolean {
  return sameOutput(actual, expected, { tolerance, whitespace: RULES[rule] });
}

describe('sameOutput', () => {
  it.each([
    ['1', '1', 'twe'],
    ['', '', 'twe'],
    ['1  \n2\t\n\n\n', '1\n2', 'tw'],
    ['1\r\n', '1\n', 'tw'],
    ['1\n\n2', '1\n2', 'w'],
    [' 1', '1', 'w'],
    ['1 2', '1  2', 'w'],
    ['1 2', '1\n2', 'w'],
    ['12', '1 2', ''],
    ['1', '1\n', 'tw'],
    ['', '1', ''],
  ])('compares %j with %j: equal under the rules %s', (actual, expected, rules) => {
    const equal = (Object.keys(RULES) as (keyof typeof RULES)[]).filter((rule) =>
      same(actual, expected, rule),
    );
    expect(equal.map((rule) => rule[0]).join('')).toBe(rules);
  });

  it('takes an unset rule as trailing', () => {
    const rule = { tolerance: 0, whitespace: WhitespaceRule.WHITESPACE_RULE_UNSPECIFIED };
    expect([sameOutput('1 \n', '1', rule), sameOutput(' 1', '1', rule)]).toEqual([true, false]);
  });

  it('compares numbers within a tolerance, absolute or relative, under each rule', () => {
    for (const rule of ['trailing', 'words', 'exact'] as const) {
      expect(same('0.3333333', '0.33333334', rule, 1e-6)).toBe(true);
      expect(same('1000000.5', '1000000', rule, 1e-6)).toBe(true);
      expect(same('0.34', '0.33', rule, 1e-6)).toBe(false);
      expect(same('x 1.0 y', 'x 1 y', rule, 1e-9)).toBe(true);
      expect(same('x 1.0', 'z 1', rule, 1e-9)).toBe(false);
      expect(same('1 2', '1', rule, 1)).toBe(false);
    }
    expect(same('1.0  2', '1 2', 'exact', 1e-9)).toBe(false);
    expect(same('1.0  2', '1 2', 'words', 1e-9)).toBe(true);
  });

  it('does not take nan, inf, hexadecimal or what overflows for numbers near others', () => {
    for (const [actual, expected] of [
      ['nan', '1'],
      ['inf', '1'],
      ['0x1', '1'],
      ['1e999', '5'],
      ['5', '1e999'],
    ] as const) {
      expect(same(actual, expected, 'trailing', 1e9)).toBe(false);
    }
  });
});
