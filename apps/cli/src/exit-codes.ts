/**
 * Exit codes of every command. Scripts depend on them; 64 to 75 follow BSD's
 * sysexits. The services' own codes, in the rpc library, agree with them; they
 * stand here again because `--help` must not load gRPC.
 */
export const ExitCode = {
  solved: 0,
  notNormal: 1,
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
