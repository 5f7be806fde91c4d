import { z } from 'zod';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { endStatus } from '../end-status.js';
import type { ProgramEnd } from '../ports.js';
import type { CaseOutcome, LoadFailure, SuiteEnd } from './suite.js';

/** Test code runs beside whoever says this, so it is checked. */
const outcomeSchema = z.object({
  status: z.enum(['passed', 'failed', 'error', 'timeout', 'skipped']),
  expected: z.string().optional(),
  actual: z.string().optional(),
  type: z.string().optional(),
  message: z.string().optional(),
});
const sourcesSchema = z.array(z.string()).max(3000);
const endedSchema = z.object({ error: z.string().optional() });

/** Reads the list of cases. Throws where it is none. */
export function readSources(payload: Buffer): string[] {
  return sourcesSchema.parse(JSON.parse(payload.toString()));
}

/** Reads what became of a case. Throws where it is something else. */
export function readOutcome(payload: Buffer): CaseOutcome {
  return outcomeSchema.parse(JSON.parse(payload.toString()));
}

/** Reads how a suite ended that was run to its end. Throws where it is something else. */
export function readEnded(payload: Buffer): SuiteEnd {
  const { error } = endedSchema.parse(JSON.parse(payload.toString()));
  return error === undefined ? { kind: 'complete' } : { kind: 'suite unusable', message: error };
}

/** What it means for a suite that the process which runs it has ended. */
export function endedEarly(end: ProgramEnd): SuiteEnd {
  const message = howItEnded(end);
  if (end.reason === 'lost' || end.reason === 'refused') return { kind: 'infra', message };
  return { kind: 'suite unusable', message: `the suite did not run to its end: ${message}` };
}

/** One line about how a candidate's or suite's process ended. */
export function howItEnded(end: ProgramEnd): string {
  const facts = { language: 'python', stderr: Buffer.alloc(0), flooded: false, cancelled: false } as const;
  const { status, exitCode, signal } = endStatus(end, facts);
  switch (status) {
    case ExecutionStatus.EXECUTION_STATUS_EXITED:
      return `the process exited with code ${exitCode}`;
    case ExecutionStatus.EXECUTION_STATUS_SIGNALED:
      return `the process was ended by ${signal}`;
    case ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT:
      return 'the CPU time limit was reached';
    case ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT:
      return 'the wall-clock limit was reached';
    case ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY:
      return 'the memory limit was reached';
    case ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR:
      return end.message;
    default:
      return end.message || 'the process was stopped: it printed too much or misused the grading channel';
  }
}

/** The candidate's own words about why it can't be loaded: shown, never trusted. */
export function readLoadFailure(payload: Buffer): LoadFailure {
  try {
    const told = JSON.parse(payload.toString()) as { type?: unknown; message?: unknown };
    return { type: String(told.type).slice(0, 100), message: String(told.message).slice(0, 500) };
  } catch {
    return { type: 'CandidateDied', message: 'the candidate wrote to the grading channel' };
  }
}
