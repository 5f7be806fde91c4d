import {
  CaseStatus,
  type Integrity,
  VerdictStatus,
  type CaseResult,
  type Verdict,
} from '@flowreasoner/contracts/sandbox';
import type { CaseOutcome, SuiteRun } from './suite.js';

const TEXT_LIMIT = 500;

const STATUSES: Readonly<Record<CaseOutcome['status'], CaseStatus>> = {
  passed: CaseStatus.CASE_STATUS_PASSED,
  failed: CaseStatus.CASE_STATUS_FAILED,
  error: CaseStatus.CASE_STATUS_ERROR,
  timeout: CaseStatus.CASE_STATUS_TIMEOUT,
  // A test that is not run says nothing about the candidate.
  skipped: CaseStatus.CASE_STATUS_NOT_RUN,
};

/** Makes the verdict of a suite of calls or tests that was run. */
export function verdictOf(run: SuiteRun, integrity: Integrity, backend: string): Verdict {
  const cases = run.sources.map((source, index) => caseResult(run, source, index));
  return summarize(cases, { ...endOf(run), integrity, wallMs: run.wallMs, ran: run.ends, backend });
}

/** What a verdict says beside its cases. */
export interface VerdictFacts {
  /** Undefined: the cases decide. */
  readonly status?: VerdictStatus | undefined;
  readonly integrity: Integrity;
  readonly message: string;
  readonly wallMs: number;
  /** What every program that took part used, and what isolated it. */
  readonly ran: readonly { readonly cpuMs: number; readonly isolation: string }[];
  readonly backend: string;
}

/** Counts the cases; the verdict is PASSED only if every declared one passed. */
export function summarize(cases: CaseResult[], facts: VerdictFacts): Verdict {
  const passed = cases.filter(({ status }) => status === CaseStatus.CASE_STATUS_PASSED).length;
  const total = cases.length;
  const decided =
    total > 0 && passed === total ? VerdictStatus.VERDICT_STATUS_PASSED : VerdictStatus.VERDICT_STATUS_FAILED;
  return {
    status: facts.status ?? decided,
    integrity: facts.integrity,
    passed,
    total,
    passRate: total === 0 ? 0 : passed / total,
    cases,
    message: facts.message,
    wallMs: facts.wallMs,
    cpuMs: facts.ran.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    backend: facts.backend,
    isolations: [...new Set(facts.ran.flatMap(({ isolation }) => isolation || []))],
  };
}

/** What may leave the service of a hidden suite's verdict: counts and enums. */
export function withoutDetails(verdict: Verdict): Verdict {
  const cases = verdict.cases.map(({ index, status }) => bareCase(index, status));
  return { ...verdict, cases, message: '' };
}

/** A case with nothing but its number and outcome. */
export function bareCase(index: number, status: CaseStatus): CaseResult {
  return { index, status, source: '', expected: '', actual: '', errorType: '', message: '', wallMs: 0 };
}

function endOf({ end }: SuiteRun): { status?: VerdictStatus; message: string } {
  switch (end.kind) {
    case 'complete':
      return { message: '' };
    case 'out of time':
      return { status: VerdictStatus.VERDICT_STATUS_FAILED, message: '' };
    case 'candidate unloadable':
      return {
        status: VerdictStatus.VERDICT_STATUS_ERROR,
        message: cut(`the candidate could not be loaded: ${end.failure.type}: ${end.failure.message}`),
      };
    case 'suite unusable':
      return { status: VerdictStatus.VERDICT_STATUS_ERROR, message: cut(end.message) };
    case 'infra':
      return { status: VerdictStatus.VERDICT_STATUS_INFRA_ERROR, message: cut(end.message) };
  }
}

function caseResult(run: SuiteRun, source: string, index: number): CaseResult {
  const base = {
    ...bareCase(index, CaseStatus.CASE_STATUS_NOT_RUN),
    source: cut(source),
    wallMs: run.spentMs(index),
  };
  const { end } = run;
  if (end.kind === 'candidate unloadable') {
    const { type, message } = end.failure;
    const status = type === 'Timeout' ? CaseStatus.CASE_STATUS_TIMEOUT : CaseStatus.CASE_STATUS_ERROR;
    return {
      ...base,
      status,
      errorType: cut(type),
      message: cut(`the candidate could not be loaded: ${message}`),
    };
  }
  if (run.interrupted === index) {
    const message = 'the whole grading ran out of time in this case';
    return { ...base, status: CaseStatus.CASE_STATUS_TIMEOUT, message };
  }
  const outcome = run.outcomes.get(index);
  if (outcome === undefined) {
    const message =
      end.kind === 'complete' ? 'this assert was never reached' : 'the grading ended before this case';
    return { ...base, message };
  }
  return {
    ...base,
    status: STATUSES[outcome.status],
    expected: cut(outcome.expected ?? ''),
    actual: cut(outcome.actual ?? ''),
    errorType: cut(outcome.type ?? ''),
    message: cut(outcome.message ?? ''),
  };
}

/** At most 500 characters, counted so that none is torn apart. */
function cut(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  return `${[...text.slice(0, TEXT_LIMIT - 1)].join('').replace(/[\uD800-\uDBFF]$/, '')}…`;
}
