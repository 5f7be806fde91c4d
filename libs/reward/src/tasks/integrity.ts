import { Integrity, VerdictStatus } from '@flowreasoner/contracts/sandbox';
import type { Suite, Verdict } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import type { ParentCall } from '@flowreasoner/rpc';
import type { Grader } from '../ports.js';

/** What decides how a suite's verdicts are formed. */
export interface IntegrityRequest {
  /** The suite, with the integrity that the caller asks for. */
  readonly suite: Suite;
  /** A solution known to pass; empty for none. */
  readonly reference: Uint8Array;
  /** Whether forgeable verdicts are accepted. */
  readonly allowSharedProcess: boolean;
  readonly caller: ParentCall;
}

/** How a suite took to one way of grading. */
type Trial = 'passed' | 'failed' | 'unusable' | 'unsupported';

/**
 * Fixes a suite's integrity: the one asked for, or ISOLATED, or, where that is
 * allowed and nothing else works, SHARED_PROCESS. The suite is tried with the
 * reference solution, which has to pass, or with an empty program, so that a
 * suite by which no answer can be judged is refused now.
 *
 * @throws FlowError FAILED_PRECONDITION when the suite or the reference solution
 *   is of no use, UNAVAILABLE when it could not be tried; the reason of the
 *   caller's signal
 */
export async function decideIntegrity(grader: Grader, request: IntegrityRequest): Promise<Integrity> {
  const wanted = choices(request);
  const hasReference = request.reference.length > 0;
  // Any text is a suite of inputs and outputs.
  if (!hasReference && request.suite.suite?.$case === 'stdio') return wanted[0];
  const trials: Trial[] = [];
  for (const integrity of wanted) {
    const trial = await tryOut(grader, request, integrity);
    if (trial === 'passed' || (trial === 'failed' && !hasReference)) return integrity;
    trials.push(trial);
  }
  throw refusal(trials, wanted);
}

function choices(request: IntegrityRequest): readonly [Integrity, ...Integrity[]] {
  switch (request.suite.integrity) {
    case Integrity.INTEGRITY_ISOLATED:
    case Integrity.INTEGRITY_SHARED_PROCESS:
      return [request.suite.integrity];
    case Integrity.INTEGRITY_UNSPECIFIED:
      return request.allowSharedProcess
        ? [Integrity.INTEGRITY_ISOLATED, Integrity.INTEGRITY_SHARED_PROCESS]
        : [Integrity.INTEGRITY_ISOLATED];
  }
}

async function tryOut(grader: Grader, request: IntegrityRequest, integrity: Integrity): Promise<Trial> {
  const { reference: candidate, caller } = request;
  const suite: Suite = { ...request.suite, integrity, hidden: true };
  const trial = await grader.grade({ candidate, suite, caller }).then(trialOf, (error: unknown) => {
    const refused = error instanceof FlowError && ['UNIMPLEMENTED', 'INVALID_ARGUMENT'].includes(error.code);
    return refused ? 'unsupported' : undefined;
  });
  caller.signal.throwIfAborted();
  if (trial !== undefined) return trial;
  throw new FlowError(
    'UNAVAILABLE',
    'SANDBOX_FAILED',
    'The sandbox failed while it tried the hidden tests.',
    {
      hint: 'Send the request again with the same request_id.',
    },
  );
}

function trialOf({ status, cases }: Verdict): Trial | undefined {
  switch (status) {
    case VerdictStatus.VERDICT_STATUS_PASSED:
      return 'passed';
    case VerdictStatus.VERDICT_STATUS_INFRA_ERROR:
    case VerdictStatus.VERDICT_STATUS_UNSPECIFIED:
      return undefined;
    case VerdictStatus.VERDICT_STATUS_FAILED:
    case VerdictStatus.VERDICT_STATUS_ERROR:
      // Tests that load name their cases, whatever the program does.
      return cases.length > 0 ? 'failed' : 'unusable';
  }
}

function refusal(trials: readonly Trial[], wanted: readonly Integrity[]): FlowError {
  if (trials.every((trial) => trial === 'unsupported')) {
    return new FlowError(
      'FAILED_PRECONDITION',
      'SUITE_UNSUPPORTED',
      'The sandbox grades no suites of this form.',
      {
        hint: 'Use a function, unittest, values or stdio suite, and leave its integrity unset.',
      },
    );
  }
  if (trials.includes('unusable')) {
    return new FlowError(
      'FAILED_PRECONDITION',
      'SUITE_UNUSABLE',
      'The hidden tests declare no cases or do not load.',
      {
        hint: 'Run them once against a solution, for example with SandboxService.Grade and hidden unset.',
      },
    );
  }
  const sharedTried = wanted.includes(Integrity.INTEGRITY_SHARED_PROCESS);
  return new FlowError(
    'FAILED_PRECONDITION',
    'REFERENCE_SOLUTION_FAILS',
    'The reference solution does not pass the hidden tests, so they would judge no answer fairly.',
    {
      hint: sharedTried
        ? 'Correct the reference solution or the tests.'
        : 'Correct one of them, or set allow_shared_process if the tests need the process of the answer.',
    },
  );
}
