import { z } from 'zod';
import { Integrity, type Suite, WhitespaceRule } from '@flowreasoner/contracts/sandbox';

const source = z.string().min(1);
const integrity = z.enum(['isolated', 'shared_process']).optional();

/** Hidden tests as written in a task file. */
export const testsSchema = z.union([
  source,
  z.array(source).max(1000),
  z.strictObject({ function: source, integrity }),
  z.strictObject({ unittest: source, integrity }),
  z.strictObject({
    stdio: z
      .array(z.strictObject({ stdin: z.string(), stdout: z.string() }))
      .min(1)
      .max(1000),
    tolerance: z.number().min(0).optional(),
    whitespace: z.enum(['trailing', 'words', 'exact']).optional(),
  }),
  z.strictObject({
    values: z
      .array(z.strictObject({ arguments: z.array(z.json()), expected: z.json() }))
      .min(1)
      .max(1000),
  }),
]);

/** Source that defines `check(candidate)`, a list of asserts, or an object that names another form. */
export type TestsFile = z.infer<typeof testsSchema>;

const WHITESPACE = {
  trailing: WhitespaceRule.WHITESPACE_RULE_TRAILING,
  words: WhitespaceRule.WHITESPACE_RULE_WORDS,
  exact: WhitespaceRule.WHITESPACE_RULE_EXACT,
} as const;

/** The suite that a task file's tests are. */
export function suiteOf(tests: TestsFile, entryPoint: string, hidden: boolean): Suite {
  return { suite: formOf(tests, entryPoint), integrity: integrityOf(tests), hidden };
}

function formOf(tests: TestsFile, entryPoint: string): NonNullable<Suite['suite']> {
  if (typeof tests === 'string') return formOf({ function: tests }, entryPoint);
  if (Array.isArray(tests)) return { $case: 'function', value: { entryPoint, testCode: '', asserts: tests } };
  if ('function' in tests) {
    return { $case: 'function', value: { entryPoint, testCode: tests.function, asserts: [] } };
  }
  if ('unittest' in tests) {
    return { $case: 'unittest', value: { entryPoint, testCode: tests.unittest } };
  }
  if ('stdio' in tests) {
    const { stdio: cases, tolerance = 0, whitespace = 'trailing' } = tests;
    return { $case: 'stdio', value: { cases, tolerance, whitespace: WHITESPACE[whitespace] } };
  }
  const cases = tests.values.map((one) => ({
    argumentsJson: JSON.stringify(one.arguments),
    expectedJson: JSON.stringify(one.expected),
  }));
  return { $case: 'values', value: { entryPoint, cases } };
}

function integrityOf(tests: TestsFile): Integrity {
  if (typeof tests === 'string' || Array.isArray(tests) || !('integrity' in tests)) {
    return Integrity.INTEGRITY_UNSPECIFIED;
  }
  const { INTEGRITY_ISOLATED, INTEGRITY_SHARED_PROCESS } = Integrity;
  return tests.integrity === 'shared_process' ? INTEGRITY_SHARED_PROCESS : INTEGRITY_ISOLATED;
}
