import { ConfigError } from '@flowreasoner/config';
import { FlowError } from './flow-error.js';
import type { FlowErrorCode } from './flow-error.js';

/** Exit codes of our programs, after sysexits.h where it has one. */
export const ExitCode = {
  ok: 0,
  /** Finished, but not solved. */
  notSolved: 2,
  /** EX_USAGE: bad input. */
  badInput: 64,
  /** EX_UNAVAILABLE: a needed service or model is unavailable. */
  unavailable: 69,
  /** EX_SOFTWARE: a fault of ours. */
  ownFault: 70,
  /** EX_TEMPFAIL: budget or deadline. */
  budget: 75,
  /** EX_CONFIG: the configuration is wrong. */
  config: 78,
  /** Ended by SIGINT. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

const byCode: Partial<Record<FlowErrorCode, number>> = {
  CANCELLED: ExitCode.interrupted,
  INVALID_ARGUMENT: ExitCode.badInput,
  NOT_FOUND: ExitCode.badInput,
  ALREADY_EXISTS: ExitCode.badInput,
  OUT_OF_RANGE: ExitCode.badInput,
  FAILED_PRECONDITION: ExitCode.badInput,
  PERMISSION_DENIED: ExitCode.badInput,
  UNAUTHENTICATED: ExitCode.badInput,
  UNAVAILABLE: ExitCode.unavailable,
  DEADLINE_EXCEEDED: ExitCode.budget,
  RESOURCE_EXHAUSTED: ExitCode.budget,
};

/** The exit code of a program that ends with `error`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return ExitCode.config;
  if (error instanceof FlowError) return byCode[error.code] ?? ExitCode.ownFault;
  return ExitCode.ownFault;
}
