import {
  Language,
  VerdictStatus,
  ExecutionStatus,
  type Suite,
  type Verdict,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, type ParentCall } from '@flowreasoner/rpc';
import type { ProgramRun } from '../operators/operator.js';
import { memoKey } from './memo.js';
import { toProgramError } from './run-error.js';
import type { RunSession } from './run-session.js';

/** Wall-clock time of one grading in milliseconds. */
const GRADE_WALL_MS = 15_000;

/** What a sandbox request gave and took. */
interface Answered<T> {
  readonly answer: T;
  readonly wallMs: number;
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
      return { answer: verdict, wallMs: verdict.wallMs };
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
      return { answer: run, wallMs: result.wallMs };
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
      this.announce(0, '', true, memo.entry(key, kept));
      return kept;
    }
    await events.room();
    try {
      const { answer, wallMs: taken } = await this.charged(wallMs, perform);
      this.announce(taken, '', false, memo.entry(key, answer));
      return answer;
    } catch (error) {
      this.announce(0, error instanceof Error ? error.message : String(error), false, undefined);
      throw toProgramError(error);
    }
  }

  /** Holds the budget for the request's greatest time and charges what it took. */
  private async charged<T>(
    wallMs: number,
    perform: (wallMs: number, caller: ParentCall) => Promise<Answered<T>>,
  ): Promise<Answered<T>> {
    const { gate, caller, deadline } = this.session;
    const left = gate.remaining().sandboxMs ?? Infinity;
    const allowed = Math.max(1, Math.min(wallMs, left));
    const reservation = await gate.reserve({ kind: 'sandbox', wallMs: allowed }, this.call.signal);
    try {
      const parent = { ...caller, signal: this.call.signal, deadline: Math.min(caller.deadline, deadline) };
      const answered = await perform(allowed, parent);
      reservation.settle({ wallMs: answered.wallMs });
      return answered;
    } catch (error) {
      // What a failed request took is not known, and not the workflow's doing.
      reservation.release();
      throw error;
    }
  }

  private announce(
    wallMs: number,
    error: string,
    fromMemo: boolean,
    memo: { key: string; response: Buffer } | undefined,
  ): void {
    this.session.events.push({
      $case: 'sandboxRequestFinished',
      value: { callId: this.call.place, wallMs: Math.round(wallMs), error, fromMemo, memo },
    });
  }
}

function unavailable(message: string): FlowError {
  return new FlowError('UNAVAILABLE', 'SANDBOX_FAILED', `the sandbox failed: ${message}`);
}
