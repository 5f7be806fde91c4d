import type { FlowErrorCode } from '@flowreasoner/rpc';

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
