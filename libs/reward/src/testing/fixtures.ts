import type { PutTaskRequest, Sample } from '@flowreasoner/contracts/reward';
import { CaseStatus, Integrity, VerdictStatus, WhitespaceRule } from '@flowreasoner/contracts/sandbox';
import type { FunctionSuite, Suite, Verdict } from '@flowreasoner/contracts/sandbox';
import type { ParentCall } from '@flowreasoner/rpc';

/** A caller with all the time in the world. */
export const caller: ParentCall = {
  tenant: 'default',
  signal: new AbortController().signal,
  deadline: Infinity,
};

/** A sample that was valid and ran; any field may be changed. */
export function sample(changes: Partial<Sample> = {}): Sample {
  return {
    sampleId: '',
    answer: 'def add(a, b): return a + b',
    workflow: '',
    valid: true,
    executed: true,
    usage: undefined,
    budget: undefined,
    ...changes,
  };
}

/** A suite of two asserts on `add`; any field may be changed. */
export function functionSuite(changes: Partial<FunctionSuite> = {}): Suite {
  const value = {
    entryPoint: 'add',
    testCode: '',
    asserts: ['assert add(1, 2) == 3', 'assert add(0, 0) == 0'],
    ...changes,
  };
  return { suite: { $case: 'function', value }, integrity: Integrity.INTEGRITY_UNSPECIFIED, hidden: true };
}

/** A suite of one program run. */
export function stdioSuite(): Suite {
  const value = {
    cases: [{ stdin: '1 2\n', stdout: '3\n' }],
    tolerance: 0,
    whitespace: WhitespaceRule.WHITESPACE_RULE_TRAILING,
  };
  return { suite: { $case: 'stdio', value }, integrity: Integrity.INTEGRITY_UNSPECIFIED, hidden: true };
}

/** A request that registers {@link functionSuite}; any field may be changed. */
export function putTaskRequest(changes: Partial<PutTaskRequest> = {}): PutTaskRequest {
  return {
    requestId: '',
    hiddenTests: functionSuite(),
    visibleChecks: undefined,
    referenceSolution: Buffer.alloc(0),
    allowSharedProcess: false,
    answerChecks: undefined,
    ...changes,
  };
}

/** A verdict on a hidden suite: one letter a case, `P` passed, `F` failed. */
export function verdict(outcomes: string, integrity: Integrity = Integrity.INTEGRITY_ISOLATED): Verdict {
  const passed = [...outcomes].filter((letter) => letter === 'P').length;
  const { VERDICT_STATUS_PASSED, VERDICT_STATUS_FAILED } = VerdictStatus;
  return {
    status: passed === outcomes.length ? VERDICT_STATUS_PASSED : VERDICT_STATUS_FAILED,
    integrity,
    passed,
    total: outcomes.length,
    passRate: outcomes.length === 0 ? 0 : passed / outcomes.length,
    cases: [...outcomes].map((letter, index) => ({
      index,
      status: letter === 'P' ? CaseStatus.CASE_STATUS_PASSED : CaseStatus.CASE_STATUS_FAILED,
      source: '',
      expected: '',
      actual: '',
      errorType: '',
      message: '',
      wallMs: 0,
    })),
    message: '',
    wallMs: 1,
    cpuMs: 1,
    backend: 'test',
    isolations: [],
  };
}
