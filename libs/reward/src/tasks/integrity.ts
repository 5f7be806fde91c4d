import type { Suite } from '@flowreasoner/contracts/sandbox';
import { Integrity, VerdictStatus } from '@flowreasoner/contracts/sandbox';
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

/**
 * Fixes a suite's integrity: the one asked for, or ISOLATED, or, where that is
 * allowed and the reference solution passes only so, SHARED_PROCESS.
 *
 * @throws FlowError FAILED_PRECONDITION when the reference solution does not
 *   pass, UNAVAILABLE when it could not be tried; the reason of
 *   the caller's signal
 */
export async function decideIntegrity(grader: Grader, request: IntegrityRequest): Promise<Integrity> {
  const wanted = choices(request);
  if (request.reference.length === 0) return wanted[0];
  for (const integrity of wanted) {
    if ((await tryReference(grader, request, integrity)) === VerdictStatus.VERDICT_STATUS_PASSED)
      return integrity;
  }
  const isolatedOnly = !wanted.includes(Integrity.INTEGRITY_SHARED_PROCESS);
  throw new FlowError(
    'FAILED_PRECONDITION',
    'REFERENCE_SOLUTION_FAILS',
    'The reference solution does not pass the hidden tests, so they would judge no answer fairly.',
    isolatedOnly
      ? { hint: 'If the tests must share a process with the answer, set allow_shared_process.' }
      : { hint: 'Correct the reference solution or the tests.' },
  );
}

async function tryReference(
  grader: Grader,
  request: IntegrityRequest,
  integrity: Integrity,
): Promise<VerdictStatus> {
  const { reference, caller } = request;
  const suite: Suite = { ...request.suite, integrity, hidden: true };
  const status = await grader.grade({ candidate: reference, suite, caller }).then(
    (verdict) => verdict.status,
    () => VerdictStatus.VERDICT_STATUS_INFRA_ERROR,
  );
  caller.signal.throwIfAborted();
  if (status !== VerdictStatus.VERDICT_STATUS_INFRA_ERROR) return status;
  throw new FlowError(
    'UNAVAILABLE',
    'SANDBOX_FAILED',
    'The sandbox failed while it tried the reference solution.',
    {
      hint: 'Send the request again with the same request_id.',
    },
  );
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
