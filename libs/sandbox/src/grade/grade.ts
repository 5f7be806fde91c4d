import { VerdictStatus, type Suite, type Verdict } from '@flowreasoner/contracts/sandbox';
import type { MonotonicClock, ProgramLimits, SandboxBackend } from '../ports.js';
import { runStdioSuite } from './stdio-suite.js';
import { runSuite, type SuiteSetup } from './suite-run.js';
import { summarize, verdictOf, withoutDetails } from './verdict.js';

/** A validated grading that has its slot. */
export interface GradeOptions {
  readonly backend: SandboxBackend;
  readonly clock: MonotonicClock;
  /** UTF-8. */
  readonly candidate: Uint8Array;
  readonly suite: GradableSuite;
  /** Only counts and enums are returned. */
  readonly hidden: boolean;
  readonly limits: ProgramLimits;
  readonly caseWallMs: number;
  readonly signal: AbortSignal;
}

/** Suites that can be graded in two jails. */
export type GradableSuite = Exclude<NonNullable<Suite['suite']>, { $case: 'unittest' }>;

/** Grades a candidate. What the candidate or the suite does wrong is in the verdict, never thrown. */
export async function grade(options: GradeOptions): Promise<Verdict> {
  const verdict = options.suite.$case === 'stdio' ? await gradeStdio(options) : await gradeCalls(options);
  return options.hidden ? withoutDetails(verdict) : verdict;
}

async function gradeCalls(options: GradeOptions): Promise<Verdict> {
  const run = await runSuite({
    ...options,
    candidate: Buffer.from(options.candidate).toString(),
    setup: setupOf(options.suite),
  });
  return verdictOf(run, options.backend.name);
}

function setupOf(suite: GradableSuite): SuiteSetup {
  switch (suite.$case) {
    case 'function': {
      const { entryPoint, testCode, asserts } = suite.value;
      return { kind: 'function', entry_point: entryPoint, test_code: testCode, asserts };
    }
    case 'values': {
      const cases = suite.value.cases.map(({ argumentsJson, expectedJson }) => {
        return { arguments: argumentsJson, expected: expectedJson };
      });
      return { kind: 'values', entry_point: suite.value.entryPoint, cases };
    }
    case 'stdio':
      throw new TypeError('a suite of inputs and outputs has no grader');
  }
}

async function gradeStdio(options: GradeOptions): Promise<Verdict> {
  if (options.suite.$case !== 'stdio') throw new TypeError('not a suite of inputs and outputs');
  const { cases, tolerance } = options.suite.value;
  const run = await runStdioSuite({ ...options, cases, tolerance });
  const status = run.infra === '' ? undefined : VerdictStatus.VERDICT_STATUS_INFRA_ERROR;
  const { wallMs, cpuMs, infra: message } = run;
  return summarize(run.cases, { status, message, wallMs, cpuMs, backend: options.backend.name });
}
