import { isUtf8 } from 'node:buffer';
import {
  CaseStatus,
  ExecutionStatus,
  type CaseResult,
  type ExecutionResult,
  type StdioSuite,
} from '@flowreasoner/contracts/sandbox';
import { execute } from '../execute.js';
import type { MonotonicClock, ProgramFile, ProgramLimits, SandboxBackend } from '../ports.js';
import { sameOutput } from './same-output.js';
import { bareCase } from './verdict.js';

const SHOWN = 500;

/** What running a suite of inputs and outputs needs. */
export interface StdioRunOptions {
  readonly backend: SandboxBackend;
  readonly clock: MonotonicClock;
  readonly candidate: Uint8Array;
  readonly suite: StdioSuite;
  /** Files that the program finds in its work directory. */
  readonly files: readonly ProgramFile[];
  readonly limits: ProgramLimits;
  readonly caseWallMs: number;
  readonly signal: AbortSignal;
}

/** The cases of a suite of inputs and outputs, and what they took. */
export interface StdioRun {
  readonly cases: CaseResult[];
  readonly wallMs: number;
  /** What each run used, and what isolated it. */
  readonly ran: readonly Pick<ExecutionResult, 'cpuMs' | 'isolation'>[];
  /** What went wrong with the service itself; empty when nothing did. */
  readonly infra: string;
}

/** Runs the candidate as a program, once for each case, in a jail of its own. */
export async function runStdioSuite(options: StdioRunOptions): Promise<StdioRun> {
  const { backend, clock, signal, limits, caseWallMs, suite } = options;
  const begun = clock.now();
  const cases: CaseResult[] = [];
  const ran: ExecutionResult[] = [];
  let infra = '';
  for (const [index, { stdin }] of suite.cases.entries()) {
    const leftMs = Math.floor(limits.wallMs - (clock.now() - begun));
    if (leftMs <= 0 || signal.aborted || infra !== '') {
      cases.push(bareCase(index, CaseStatus.CASE_STATUS_NOT_RUN));
      continue;
    }
    const result = await execute({
      backend,
      program: {
        language: 'python',
        source: options.candidate,
        args: [],
        env: {},
        files: options.files,
        outputFiles: [],
        limits: { ...limits, wallMs: Math.min(caseWallMs, leftMs) },
        channel: false,
      },
      stdin: Buffer.from(stdin),
      queueMs: 0,
      signal,
    });
    ran.push(result);
    if (result.status === ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR) infra = result.message;
    cases.push(judge(index, result, suite));
  }
  return { cases, ran, infra, wallMs: Math.round(clock.now() - begun) };
}

function judge(index: number, result: ExecutionResult, suite: StdioSuite): CaseResult {
  const { stdin = '', stdout: expected = '' } = suite.cases[index] ?? {};
  const actual = result.stdout.toString();
  const same = !result.stdoutTruncated && isUtf8(result.stdout) && sameOutput(actual, expected, suite);
  const texts = { source: `stdin ${show(stdin)}`, expected: show(expected), actual: show(actual) };
  const base = { ...bareCase(index, CaseStatus.CASE_STATUS_FAILED), ...texts, wallMs: result.wallMs };
  const errorType = lastError(result);
  switch (result.status) {
    case ExecutionStatus.EXECUTION_STATUS_EXITED:
      if (result.exitCode === 0) {
        if (same) return { ...base, status: CaseStatus.CASE_STATUS_PASSED };
        return { ...base, message: result.stdoutTruncated ? 'the output is too long' : 'the output differs' };
      }
      return {
        ...base,
        ...{ status: CaseStatus.CASE_STATUS_ERROR, errorType: errorType || 'ExitCode' },
        message: `the program exited with code ${result.exitCode}`,
      };
    case ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT:
    case ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT:
      return { ...base, status: CaseStatus.CASE_STATUS_TIMEOUT, message: 'the program took too long' };
    case ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY:
      return {
        ...base,
        status: CaseStatus.CASE_STATUS_ERROR,
        errorType: 'MemoryError',
        message: 'out of memory',
      };
    default:
      return {
        ...base,
        status: CaseStatus.CASE_STATUS_ERROR,
        message: `the program was ended ${result.signal}`.trim(),
      };
  }
}

/** Class of the exception that the last line of standard error names. */
function lastError(result: ExecutionResult): string {
  const line = result.stderr.toString().trimEnd().split('\n').at(-1) ?? '';
  return /^([A-Za-z_][\w.]*)(:|$)/.exec(line)?.[1]?.slice(0, 100) ?? '';
}

function show(text: string): string {
  const shown = JSON.stringify(text);
  return shown.length <= SHOWN ? shown : `${shown.slice(0, SHOWN - 1)}…`;
}
