import {
  CaseStatus,
  ExecuteResponse,
  ExecutionStatus,
  GradeResponse,
  Language,
  VerdictStatus,
  type ExecutionResult,
  type Limits,
  Suite,
  type Verdict,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, unary } from '@flowreasoner/rpc';
import { timeLeft, type SolveContext } from './context.js';
import { callDependency, dependencies } from './dependency.js';
import { evaluationRequest } from './evaluation-request.js';

const gradeWallMs = 15_000;
const loadWallMs = 10_000;
const caseWallMs = 3_000;
// For the sandbox's queue and the making of jails, which count against no limit.
const callGraceMs = 60_000;

/**
 * Grades a program against visible checks in the sandbox.
 *
 * @throws FlowError RESOURCE_EXHAUSTED BUDGET_EXCEEDED when no sandbox time is left;
 *   UNAVAILABLE when the sandbox fails, twice
 */
export async function gradeAnswer(context: SolveContext, answer: string, suite: Suite): Promise<Verdict> {
  for (let attempt = 1; ; attempt++) {
    const limits = sandboxLimits(context, gradeWallMs);
    const { verdict } = await evaluationRequest(context, {
      kind: 'grade',
      content: [answer, Buffer.from(Suite.encode(suite).finish()).toString('base64')],
      codec: GradeResponse,
      reservedMs: limits.wallMs,
      perform: async () => {
        const response = await callDependency(context, dependencies.sandbox, () =>
          unary(
            context.ports.sandbox,
            'grade',
            { candidate: Buffer.from(answer), suite, limits, caseWallMs, files: [], backend: '' },
            callOptions(context, limits),
          ),
        );
        return {
          answer: response,
          wallMs: charged(response.verdict?.wallMs, limits),
          kept: response.verdict !== undefined && isVerdict(response.verdict),
        };
      },
    });
    if (verdict !== undefined && isVerdict(verdict)) return verdict;
    if (attempt >= 2) throw sandboxFailed(verdict?.message);
  }
}

function isVerdict({ status }: Verdict): boolean {
  return status !== VerdictStatus.VERDICT_STATUS_INFRA_ERROR;
}

/**
 * Loads a program in the sandbox without any check: whether it is Python, and,
 * where a function is asked for, whether loading it gives that function.
 *
 * @returns what is wrong with it; empty when nothing is
 */
export async function loadAnswer(context: SolveContext, answer: string): Promise<string> {
  const { entryPoint } = context.task;
  const limits = sandboxLimits(context, loadWallMs);
  const execution =
    entryPoint === ''
      ? {
          source: Buffer.from('import ast, sys\nast.parse(sys.stdin.buffer.read())\n'),
          stdin: Buffer.from(answer),
        }
      : { source: Buffer.from(`${answer}\n\nassert callable(${entryPoint})\n`), stdin: Buffer.of() };
  const { result } = await evaluationRequest(context, {
    kind: 'load',
    content: [answer, entryPoint],
    codec: ExecuteResponse,
    reservedMs: limits.wallMs,
    perform: async () => {
      const response = await callDependency(context, dependencies.sandbox, () =>
        unary(
          context.ports.sandbox,
          'execute',
          {
            execution: {
              language: Language.LANGUAGE_PYTHON,
              ...execution,
              args: [],
              env: {},
              files: [],
              outputFiles: [],
              backend: '',
              limits,
            },
          },
          callOptions(context, limits),
        ),
      );
      const status = response.result?.status;
      const kept = status !== undefined && status !== ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR;
      return { answer: response, wallMs: charged(response.result?.wallMs, limits), kept };
    },
  });
  return loadProblem(result);
}

function loadProblem(result: ExecutionResult | undefined): string {
  switch (result?.status) {
    case ExecutionStatus.EXECUTION_STATUS_EXITED:
      return result.exitCode === 0 ? '' : `Loading the program failed: ${lastLine(result.stderr)}`;
    case undefined:
    case ExecutionStatus.EXECUTION_STATUS_UNSPECIFIED:
    case ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR:
    case ExecutionStatus.EXECUTION_STATUS_CANCELLED:
      throw sandboxFailed(result?.message);
    case ExecutionStatus.EXECUTION_STATUS_SIGNALED:
      return `Loading the program ended with ${result.signal}.`;
    case ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT:
    case ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT:
      return 'Loading the program did not end in time.';
    case ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY:
      return 'Loading the program took too much memory.';
    case ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT:
      return 'Loading the program printed too much.';
    case ExecutionStatus.EXECUTION_STATUS_REJECTED:
      return `The program was refused: ${result.message}`;
  }
}

function lastLine(stderr: Uint8Array): string {
  return Buffer.from(stderr).toString().trimEnd().split('\n').at(-1)?.slice(0, 500) ?? '';
}

/** Limits that fit into what is left of time and sandbox budget. */
function sandboxLimits(context: SolveContext, wallMs: number): Limits {
  const budget = context.ledger.remaining.sandboxMs ?? wallMs;
  if (budget <= 0) {
    throw new FlowError(
      'RESOURCE_EXHAUSTED',
      'BUDGET_EXCEEDED',
      'The sandbox time of the budget is used up.',
    );
  }
  const wall = Math.max(1, Math.min(wallMs, budget, timeLeft(context)));
  return { wallMs: wall, cpuMs: 0, memoryBytes: 0n, processes: 0, outputBytes: 0, diskBytes: 0n };
}

/** What counts of a program's time: ending it at its limit takes the sandbox a moment, which is not the program's. */
function charged(wallMs: number | undefined, limits: Limits): number {
  return Math.min(wallMs ?? 0, limits.wallMs);
}

function callOptions(context: SolveContext, limits: Limits) {
  return { signal: context.signal, tenant: context.tenant, deadlineMs: limits.wallMs + callGraceMs };
}

function sandboxFailed(message: string | undefined): FlowError {
  const { reason, hint } = dependencies.sandbox;
  return new FlowError('UNAVAILABLE', reason, `The sandbox failed: ${message || 'it gave no result'}`, {
    hint,
  });
}

/** Whether a case says that the candidate was wrong, slow or broken. */
export function isFailedCase(status: CaseStatus): boolean {
  return (
    status === CaseStatus.CASE_STATUS_FAILED ||
    status === CaseStatus.CASE_STATUS_ERROR ||
    status === CaseStatus.CASE_STATUS_TIMEOUT
  );
}
