import { WhitespaceRule, type StdioSuite } from '@flowreasoner/contracts/sandbox';

/** How outputs are compared. */
export type OutputRule = Pick<StdioSuite, 'tolerance' | 'whitespace'>;

/**
 * Whether two outputs are equal under a suite's rules. With a tolerance, words
 * that are numbers may differ by it, absolutely or relative to the expected
 * number; white space between words then counts as the rule says. "nan" and
 * "inf" are words like any other.
 */
export function sameOutput(actual: string, expected: string, rule: OutputRule): boolean {
  if (actual === expected) return true;
  switch (rule.whitespace) {
    case WhitespaceRule.WHITESPACE_RULE_EXACT:
      return sameParts(actual.split(/(\s+)/), expected.split(/(\s+)/), rule.tolerance);
    case WhitespaceRule.WHITESPACE_RULE_WORDS:
      return sameParts(words(actual), words(expected), rule.tolerance);
    case WhitespaceRule.WHITESPACE_RULE_UNSPECIFIED:
    case WhitespaceRule.WHITESPACE_RULE_TRAILING:
      return sameLines(lines(actual), lines(expected), rule.tolerance);
  }
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function lines(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
}

function sameLines(actual: readonly string[], expected: readonly string[], tolerance: number): boolean {
  const split = (line: string | undefined): string[] => (line ?? '').split(/(\s+)/);
  return (
    actual.length === expected.length &&
    actual.every((line, at) => sameParts(split(line), split(expected[at]), tolerance))
  );
}

function sameParts(actual: readonly string[], expected: readonly string[], tolerance: number): boolean {
  return (
    actual.length === expected.length &&
    actual.every((part, at) => samePart(part, expected[at] ?? '', tolerance))
  );
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function samePart(actual: string, expected: string, tolerance: number): boolean {
  if (actual === expected) return true;
  if (!(tolerance > 0) || !NUMBER.test(actual) || !NUMBER.test(expected)) return false;
  const difference = Math.abs(Number(actual) - Number(expected));
  return Number.isFinite(difference) && difference <= tolerance * Math.max(1, Math.abs(Number(expected)));
}
