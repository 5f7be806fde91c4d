import type { MonotonicClock, ProgramEnd, ProgramFile, ProgramLimits, SandboxBackend } from '../ports.js';

/** Test code as the programs in the jails are told of it; the words are theirs. */
export type TestSetup =
  | {
      readonly kind: 'function';
      readonly entry_point: string;
      readonly test_code: string;
      readonly asserts: readonly string[];
    }
  | { readonly kind: 'unittest'; readonly entry_point: string; readonly test_code: string };

/** A suite as the grader is told of it. */
export type SuiteSetup =
  | TestSetup
  | {
      readonly kind: 'values';
      readonly entry_point: string;
      readonly cases: readonly { readonly arguments: string; readonly expected: string }[];
    };

/** What running a suite needs. */
export interface SuiteRunOptions<Setup extends SuiteSetup = SuiteSetup> {
  readonly backend: SandboxBackend;
  readonly clock: MonotonicClock;
  readonly candidate: string;
  readonly setup: Setup;
  /** Files that candidate and tests find in their work directories. */
  readonly files: readonly ProgramFile[];
  readonly limits: ProgramLimits;
  readonly caseWallMs: number;
  /** Kills every jail of the grading when it aborts. */
  readonly signal: AbortSignal;
}

/** What is said about one case. */
export interface CaseOutcome {
  readonly status: 'passed' | 'failed' | 'error' | 'timeout' | 'skipped';
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  /** Class of an exception. */
  readonly type?: string | undefined;
  readonly message?: string | undefined;
}

/** Why a candidate can't be called at all. */
export interface LoadFailure {
  /** Class of the exception. */
  readonly type: string;
  readonly message: string;
}

/** How running a suite ended. */
export type SuiteEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'out of time' }
  | { readonly kind: 'candidate unloadable'; readonly failure: LoadFailure }
  | { readonly kind: 'suite unusable'; readonly message: string }
  | { readonly kind: 'infra'; readonly message: string };

/** A suite that was run. */
export interface SuiteRun {
  /** Source text of each case; empty where the suite could not be read. */
  readonly sources: readonly string[];
  readonly outcomes: ReadonlyMap<number, CaseOutcome>;
  /** Wall-clock time that the candidate took for a case, milliseconds. */
  readonly spentMs: (caseIndex: number) => number;
  /** The case in hand when the time was up. */
  readonly interrupted: number | undefined;
  readonly end: SuiteEnd;
  /** Every program that took part. */
  readonly ends: readonly ProgramEnd[];
  readonly wallMs: number;
}
