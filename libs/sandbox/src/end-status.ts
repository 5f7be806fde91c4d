import { constants } from 'node:os';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import type { ProgramEnd, ProgramLanguage } from './ports.js';

/** How a program ended, in the contract's words. */
export interface EndStatus {
  readonly status: ExecutionStatus;
  readonly exitCode: number;
  readonly signal: string;
}

/** What besides its end decides a program's status. */
export interface EndFacts {
  readonly language: ProgramLanguage;
  readonly stderr: Buffer;
  /** Whether the hard output limit was passed. */
  readonly flooded: boolean;
  /** Whether the caller went away. */
  readonly cancelled: boolean;
}

/** Names of signals by number. */
const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Decides the status of a program that has ended. */
export function endStatus(end: ProgramEnd, facts: EndFacts): EndStatus {
  const only = (status: ExecutionStatus): EndStatus => ({ status, exitCode: 0, signal: '' });
  if (facts.cancelled) return only(ExecutionStatus.EXECUTION_STATUS_CANCELLED);
  if (facts.flooded) return only(ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT);
  switch (end.reason) {
    case 'wall':
      return only(ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT);
    case 'cpu':
      return only(ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT);
    case 'memory':
      return only(ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY);
    case 'refused':
      return only(ExecutionStatus.EXECUTION_STATUS_REJECTED);
    case 'lost':
      return only(ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR);
    case 'stopped':
    case 'killed':
      return only(ExecutionStatus.EXECUTION_STATUS_CANCELLED);
    case 'exit':
      break;
  }
  if (ranOutOfMemory(end, facts)) return only(ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY);
  if (end.code >= 0) {
    return { status: ExecutionStatus.EXECUTION_STATUS_EXITED, exitCode: end.code, signal: '' };
  }
  const signal = SIGNAL_NAMES.get(-end.code) ?? `SIG${-end.code}`;
  return { status: ExecutionStatus.EXECUTION_STATUS_SIGNALED, exitCode: 0, signal };
}

/**
 * An allocation that the limit refuses is an error inside the program, which
 * only its last words tell. A program that lies here harms only its own status.
 */
function ranOutOfMemory(end: ProgramEnd, { language, stderr }: EndFacts): boolean {
  const text = stderr.toString('latin1');
  if (language === 'python') return end.code === 1 && /(^|\n)MemoryError(:[^\n]*)?\s*$/.test(text);
  const aborted = end.code < 0 || end.code > 128;
  return aborted && /FATAL ERROR:.*out of memory|Fatal process out of memory/.test(text);
}
