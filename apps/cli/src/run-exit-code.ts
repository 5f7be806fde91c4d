import { RunStatus } from '@flowreasoner/contracts/metaagent';
import { ExitCode } from './exit-codes.js';

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
