import {
  CaseStatus,
  VerdictStatus,
  type CaseResult,
  type Suite,
  type Verdict,
} from '@flowreasoner/contracts/sandbox';

/** Failing cases that are told to a model. */
const SHOWN_CASES = 3;

/** Whether every visible check passed. */
export function passedAll(verdict: Verdict): boolean {
  return verdict.status === VerdictStatus.VERDICT_STATUS_PASSED;
}

/** What a program did on each check, as a key: programs that behave alike have the same. */
export function behaviourOf(verdict: Verdict): string {
  return JSON.stringify([
    verdict.status,
    verdict.cases.map(({ status, actual, errorType }) => [status, actual, errorType]),
  ]);
}

/** The text of a suite in which calls of the function under test can be found. */
export function suiteText({ suite }: Suite): string {
  switch (suite?.$case) {
    case 'function':
      return [...suite.value.asserts, suite.value.testCode].join('\n');
    case 'unittest':
      return suite.value.testCode;
    default:
      return '';
  }
}

/** What went wrong, in sentences that a model can act on. */
export function describeFailures(verdict: Verdict): string {
  if (verdict.status === VerdictStatus.VERDICT_STATUS_ERROR) {
    return `The program could not be run: ${verdict.message}`;
  }
  const failing = verdict.cases.filter(({ status }) => status !== CaseStatus.CASE_STATUS_PASSED);
  return failing.slice(0, SHOWN_CASES).map(describeCase).join('\n');
}

function describeCase(result: CaseResult): string {
  switch (result.status) {
    case CaseStatus.CASE_STATUS_TIMEOUT:
      return `${result.source}\n  took too long.`;
    case CaseStatus.CASE_STATUS_ERROR:
      return `${result.source}\n  raised ${result.errorType}: ${result.message}`;
    case CaseStatus.CASE_STATUS_FAILED:
      return result.actual === '' && result.expected === ''
        ? `${result.source}\n  failed. ${result.message}`
        : `${result.source}\n  gave ${result.actual}${result.expected === '' ? '' : `, expected ${result.expected}`}.`;
    default:
      return `${result.source}\n  was not reached in time.`;
  }
}
