import type { FlowErrorCode } from '@flowreasoner/rpc';
import { RunStatus } from '@flowreasoner/contracts/metaagent';

/**
 * Exit codes of every command. Scripts depend on them; 64 to 75 follow BSD's
 * sysexits.
 */
export const ExitCode = {
  solved: 0,
  unsolved: 2,
  badInput: 64,
  invalidWorkflow: 65,
  unavailable: 69,
  ownFault: 70,
  budgetOrDeadline: 75,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of the values of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Exit code for an error with the given code. */
export function exitCodeOfError(code: FlowErrorCode): ExitCode {
  switch (code) {
    case 'INVALID_ARGUMENT':
    case 'NOT_FOUND':
    case 'ALREADY_EXISTS':
    case 'OUT_OF_RANGE':
      return ExitCode.badInput;
    case 'UNAVAILABLE':
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
    case 'UNIMPLEMENTED':
    case 'FAILED_PRECONDITION':
      return ExitCode.unavailable;
    case 'RESOURCE_EXHAUSTED':
    case 'DEADLINE_EXCEEDED':
      return ExitCode.budgetOrDeadline;
    case 'CANCELLED':
      return ExitCode.interrupted;
    case 'ABORTED':
    case 'INTERNAL':
    case 'DATA_LOSS':
      return ExitCode.ownFault;
  }
}

/** Exit code for a run that ended with the given status. */
export function exitCodeOfRun(status: RunStatus): ExitCode {
  switch (status) {
    case RunStatus.RUN_STATUS_SOLVED:
      return ExitCode.solved;
    case RunStatus.RUN_STATUS_UNSOLVED:
      return ExitCode.unsolved;
    case RunStatus.RUN_STATUS_BUDGET:
    case RunStatus.RUN_STATUS_DEADLINE:
      return ExitCode.budgetOrDeadline;
    case RunStatus.RUN_STATUS_UNAVAILABLE:
      return ExitCode.unavailable;
    case RunStatus.RUN_STATUS_CANCELLED:
      return ExitCode.interrupted;
    case RunStatus.RUN_STATUS_FAILED:
    case RunStatus.RUN_STATUS_UNSPECIFIED:
      return ExitCode.ownFault;
  }
}
