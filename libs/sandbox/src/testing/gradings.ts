import { Integrity, type Verdict } from '@flowreasoner/contracts/sandbox';
import { grade, type GradableSuite, type GradeOptions } from '../grade/grade.js';
import { DEFAULT_LIMITS } from '../limits.js';
import type { ProgramLimits, SandboxBackend } from '../ports.js';

/** What a test's grading can be given. */
export interface GradingOptions extends Partial<
  Pick<GradeOptions, 'hidden' | 'caseWallMs' | 'signal' | 'integrity' | 'files'>
> {
  readonly limits?: Partial<ProgramLimits>;
}

/** Grades on a backend, in two jails where nothing else is said. */
export function gradeOn(
  backend: SandboxBackend,
  candidate: string,
  suite: GradableSuite,
  options: GradingOptions = {},
): Promise<Verdict> {
  return grade({
    ...{ backend, clock: performance, candidate: Buffer.from(candidate), suite, hidden: false, files: [] },
    ...{ integrity: Integrity.INTEGRITY_ISOLATED, caseWallMs: 1500, signal: new AbortController().signal },
    ...options,
    limits: { ...DEFAULT_LIMITS, wallMs: 20_000, ...options.limits },
  });
}

/** A function suite. */
export function functionSuite(entryPoint: string, testCode: string, asserts: string[] = []): GradableSuite {
  return { $case: 'function', value: { entryPoint, testCode, asserts } };
}

/** A unittest suite. */
export function unittestSuite(entryPoint: string, testCode: string): GradableSuite {
  return { $case: 'unittest', value: { entryPoint, testCode } };
}

/** One letter a case: passed, failed, error, timeout, - for not run. */
export function statuses(verdict: Verdict): string {
  const letters = { 1: 'p', 2: 'f', 3: 'e', 4: 't', 5: '-' } as Readonly<Record<number, string>>;
  return verdict.cases.map(({ status }) => letters[status] ?? '?').join('');
}
