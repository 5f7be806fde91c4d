import { Integrity, VerdictStatus, type Suite, type Verdict } from '@flowreasoner/contracts/sandbox';
import type { MonotonicClock, ProgramFile, ProgramLimits, SandboxBackend } from '../ports.js';
import { runShared } from './shared-run.js';
import { runStdioSuite } from './stdio-suite.js';
import { runSuite } from './suite-run.js';
import type { SuiteRun, SuiteSetup, TestSetup } from './suite.js';
import { summarize, verdictOf, withoutDetails } from './verdict.js';

/** A validated grading that has its slot. */
export interface GradeOptions {
  readonly backend: SandboxBackend;
  readonly clock: MonotonicClock;
  /** UTF-8. */
  readonly candidate: Uint8Array;
  readonly suite: GradableSuite;
  /** SHARED_PROCESS only for suites of test code: the others never need it. */
  readonly integrity: GradableIntegrity;
  /** Only counts and enums are returned. */
  readonly hidden: boolean;
  /** Files that candidate and tests find in their work directories. */
  readonly files: readonly ProgramFile[];
  readonly limits: ProgramLimits;
  readonly caseWallMs: number;
  readonly signal: AbortSignal;
}

/** The forms of suites. */
export type GradableSuite = NonNullable<Suite['suite']>;

/** How a verdict is formed. */
export type GradableIntegrity = Integrity.INTEGRITY_ISOLATED | Integrity.INTEGRITY_SHARED_PROCESS;

type CallSuite = Exclude<GradableSuite, { $case: 'stdio' }>;
type StdioSuite = Extract<GradableSuite, { $case: 'stdio' }>['value'];

/** Grades a candidate. What the candidate or the suite does wrong is in the verdict, never thrown. */
export async function grade(options: GradeOptions): Promise<Verdict> {
  const { suite } = options;
  const verdict =
    suite.$case === 'stdio' ? await gradeStdio(suite.value, options) : await gradeCalls(suite, options);
  return options.hidden ? withoutDetails(verdict) : verdict;
}

async function gradeCalls(suite: CallSuite, options: GradeOptions): Promise<Verdict> {
  const run = await runCalls(setupOf(suite), options);
  return verdictOf(run, options.integrity, options.backend.name);
}

function runCalls(setup: SuiteSetup, options: GradeOptions): Promise<SuiteRun> {
  const candidate = Buffer.from(options.candidate).toString();
  if (options.integrity === Integrity.INTEGRITY_ISOLATED) return runSuite({ ...options, candidate, setup });
  if (setup.kind === 'values') throw new TypeError('a values suite is never graded in a shared process');
  return runShared({ ...options, candidate, setup: setup satisfies TestSetup });
}

function setupOf(suite: CallSuite): SuiteSetup {
  switch (suite.$case) {
    case 'function': {
      const { entryPoint, testCode, asserts } = suite.value;
      return { kind: 'function', entry_point: entryPoint, test_code: testCode, asserts };
    }
    case 'unittest': {
      const { entryPoint, testCode } = suite.value;
      return { kind: 'unittest', entry_point: entryPoint, test_code: testCode };
    }
    case 'values': {
      const cases = suite.value.cases.map(({ argumentsJson, expectedJson }) => {
        return { arguments: argumentsJson, expected: expectedJson };
      });
      return { kind: 'values', entry_point: suite.value.entryPoint, cases };
    }
  }
}

async function gradeStdio(suite: StdioSuite, options: GradeOptions): Promise<Verdict> {
  const { integrity, backend } = options;
  const run = await runStdioSuite({ ...options, suite });
  const status = run.infra === '' ? undefined : VerdictStatus.VERDICT_STATUS_INFRA_ERROR;
  const { wallMs, ran, infra: message } = run;
  return summarize(run.cases, { status, integrity, message, wallMs, ran, backend: backend.name });
}
