import {
  CaseStatus,
  ExecutionStatus,
  Language,
  VerdictStatus,
  type Suite,
  type Verdict,
} from '@flowreasoner/contracts/sandbox';
import type { SandboxRequestFinished } from '@flowreasoner/contracts/workflow';
import type { BudgetReservation, SandboxAsk } from '@flowreasoner/model';
import { FlowError, type ParentCall } from '@flowreasoner/rpc';
import type { ProgramRun } from '../operators/operator.js';
import { memoKey } from './memo.js';
import { isBudgetError, toProgramError } from './run-error.js';
import type { RunSession } from './run-session.js';

/** Wall-clock time of one grading in milliseconds. */
const GRADE_WALL_MS = 15_000;

/** Codes of requests that the sandbox takes back before a program runs. */
const REFUSALS: ReadonlySet<string> = new Set([
  'RESOURCE_EXHAUSTED',
  'INVALID_ARGUMENT',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'UNIMPLEMENTED',
]);

/** Part of the time allowed after which a request that ran out of time is held to have used all of it. */
const ALL_OF_IT = 0.9;
/** Time before the run's deadline in which a request that came too late was late by the run's, in milliseconds. */
const DEADLINE_SLACK_MS = 1_000;

/** What a sandbox request gave and took. */
interface Answered<T> {
  readonly answer: T;
  readonly wallMs: number;
  /** Whether the program, or a part of it, was ended for want of time. */
  readonly ranOut: boolean;
}

/** The sandbox requests of one operator call. */
export class SandboxRequests {
  constructor(
    private readonly session: RunSession,
    /** The operator call. */
    private readonly call: { readonly place: string; readonly signal: AbortSignal },
  ) {}

  /** Grades a program on the visible checks. */
  async grade(label: string, program: string, suite: Suite): Promise<Verdict> {
    return this.request<Verdict>(label, { program, suite }, GRADE_WALL_MS, async (wallMs, caller) => {
      const verdict = await this.session.ports.sandbox.grade(program, suite, wallMs, caller);
      if (verdict.status === VerdictStatus.VERDICT_STATUS_INFRA_ERROR) throw unavailable(verdict.message);
      const late = [CaseStatus.CASE_STATUS_TIMEOUT, CaseStatus.CASE_STATUS_NOT_RUN];
      const ranOut = verdict.cases.some(({ status }) => late.includes(status));
      return { answer: verdict, wallMs: verdict.wallMs, ranOut };
    });
  }

  /** Runs a Python program without input. */
  async execute(label: string, program: string, wallMs: number): Promise<ProgramRun> {
    return this.request<ProgramRun>(label, { program, wallMs }, wallMs, async (allowedMs, caller) => {
      const result = await this.session.ports.sandbox.execute(
        {
          language: Language.LANGUAGE_PYTHON,
          source: Buffer.from(program),
          stdin: Buffer.alloc(0),
          args: [],
          env: {},
          files: [],
          outputFiles: [],
          backend: '',
          limits: {
            wallMs: allowedMs,
            cpuMs: allowedMs,
            memoryBytes: 0n,
            processes: 0,
            outputBytes: 64 * 1024,
            diskBytes: 0n,
          },
        },
        caller,
      );
      if (result.status === ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR) throw unavailable(result.message);
      const { status, exitCode } = result;
      const run = { status, exitCode, stdout: result.stdout.toString(), stderr: result.stderr.toString() };
      const ranOut =
        status === ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT ||
        status === ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT;
      return { answer: run, wallMs: result.wallMs, ranOut };
    });
  }

  private async request<T>(
    label: string,
    content: unknown,
    wallMs: number,
    perform: (wallMs: number, caller: ParentCall) => Promise<Answered<T>>,
  ): Promise<T> {
    const { memo, events } = this.session;
    const key = memoKey(this.call.place, label, content);
    const kept = memo.find(key) as T | undefined;
    if (kept !== undefined) {
      this.announce(key, { wallMs: 0, error: '', fromMemo: true, memo: memo.entry(key, kept) });
      return kept;
    }
    await events.room();
    let failedMs = 0;
    const onFailed = (ms: number): void => {
      failedMs = ms;
    };
    try {
      const { answer, wallMs: taken } = await this.charged(key, wallMs, perform, onFailed);
      this.announce(key, { wallMs: taken, error: '', fromMemo: false, memo: memo.entry(key, answer) });
      return answer;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.announce(key, { wallMs: failedMs, error: message, fromMemo: false, memo: undefined });
      if (this.isSandboxLate(error)) throw unavailable('it had no answer in time');
      throw toProgramError(error);
    }
  }

  /** Whether the request's own time ended it, and not the run's. */
  private isSandboxLate(error: unknown): boolean {
    const { deadline, ports } = this.session;
    const isLate = error instanceof FlowError && error.code === 'DEADLINE_EXCEEDED';
    return isLate && ports.clock.now() < deadline - DEADLINE_SLACK_MS;
  }

  /**
   * Holds the budget for the request's greatest time and charges what it took.
   *
   * @param onFailed is told what a request that failed is charged, in milliseconds
   * @throws FlowError BUDGET_EXCEEDED also where the budget, and not the request's own
   *   limit, ended the program: it is not the program's failure
   */
  private async charged<T>(
    requestId: string,
    wallMs: number,
    perform: (wallMs: number, caller: ParentCall) => Promise<Answered<T>>,
    onFailed: (ms: number) => void,
  ): Promise<Answered<T>> {
    const { caller, deadline, events, ports, starts } = this.session;
    const { allowed, reservation } = await this.reserve(wallMs);
    const started = { callId: this.call.place, requestId, reservedMs: Math.ceil(allowed) };
    await starts.tell(events, [{ $case: 'sandboxRequestStarted', value: started }], this.call.signal);
    const sentAt = ports.clock.now();
    let answered: Answered<T>;
    try {
      const parent = { ...caller, signal: this.call.signal, deadline: Math.min(caller.deadline, deadline) };
      const performed = await perform(allowed, parent);
      // Ending a program at its limit takes the sandbox a moment, which is not the program's.
      answered = { ...performed, wallMs: Math.min(performed.wallMs, allowed) };
      reservation.settle({ wallMs: answered.wallMs });
    } catch (error) {
      // How long its program ran is not known: at most since the request was sent.
      const sinceMs = isRefused(error) ? 0 : Math.min(allowed, ports.clock.now() - sentAt);
      const ms = Math.max(0, Math.round(sinceMs));
      reservation.settle({ wallMs: ms });
      onFailed(ms);
      throw error;
    }
    if (allowed < wallMs && answered.ranOut && answered.wallMs >= ALL_OF_IT * allowed) {
      throw budgetUsedUp(allowed, wallMs);
    }
    return answered;
  }

  /** Reserves the time asked for, or what is left of it when requests before this one have ended. */
  private async reserve(
    wallMs: number,
  ): Promise<{ allowed: number; reservation: BudgetReservation<SandboxAsk> }> {
    const { gate } = this.session;
    for (let before = Infinity; ;) {
      const left = gate.remaining().sandboxMs ?? Infinity;
      const allowed = Math.max(1, Math.min(wallMs, left));
      try {
        const reservation = await gate.reserve({ kind: 'sandbox', wallMs: allowed }, this.call.signal);
        return { allowed, reservation };
      } catch (error) {
        const remaining = gate.remaining().sandboxMs ?? 0;
        if (!isBudgetError(error) || remaining < 1 || remaining >= before) throw error;
        before = remaining;
      }
    }
  }

  private announce(
    requestId: string,
    end: Pick<SandboxRequestFinished, 'wallMs' | 'error' | 'fromMemo' | 'memo'>,
  ): void {
    this.session.events.push({
      $case: 'sandboxRequestFinished',
      value: { ...end, callId: this.call.place, requestId, wallMs: Math.round(end.wallMs) },
    });
  }
}

function budgetUsedUp(allowedMs: number, wallMs: number): FlowError {
  return new FlowError(
    'RESOURCE_EXHAUSTED',
    'BUDGET_EXCEEDED',
    `The sandbox time budget had ${allowedMs} ms left for an execution that may take ${wallMs} ms, and they were not enough.`,
    { hint: 'Raise the sandbox time budget.', metadata: { limit: 'sandboxMs', asked: String(wallMs) } },
  );
}

function unavailable(message: string): FlowError {
  return new FlowError('UNAVAILABLE', 'SANDBOX_FAILED', `the sandbox failed: ${message}`);
}

function isRefused(error: unknown): boolean {
  return error instanceof FlowError && REFUSALS.has(error.code);
}
