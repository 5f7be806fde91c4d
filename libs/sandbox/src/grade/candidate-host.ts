import { endStatus } from '../end-status.js';
import type { MonotonicClock, ProgramEnd, ProgramLimits, RunningProgram, SandboxBackend } from '../ports.js';
import { pythonProgram } from '../python-programs.js';
import { FrameKind, decodeGradeFrame, encodeGradeFrame } from './frames.js';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';

/** How one call of the candidate ended. */
export type CallOutcome =
  | { readonly kind: 'reply'; readonly payload: Buffer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'died'; readonly message: string };

/** Why a candidate can't be called at all. */
export interface LoadFailure {
  /** Class of the exception. */
  readonly type: string;
  readonly message: string;
}

/** How loading ended: undefined when the candidate can be called. */
export type LoadOutcome = LoadFailure | undefined;

/** What a candidate needs to be run. */
export interface CandidateOptions {
  readonly backend: SandboxBackend;
  readonly clock: MonotonicClock;
  readonly source: string;
  readonly entryPoint: string;
  readonly limits: ProgramLimits;
  /** Wall-clock limit of a case, also of loading, milliseconds. */
  readonly caseWallMs: number;
}

interface PendingCall {
  readonly payload: Buffer;
  readonly caseIndex: number;
  readonly resolve: (outcome: CallOutcome) => void;
}

/**
 * The candidate in its jail, started anew after it died or was killed, so that
 * one bad case does not decide the others. Nothing it sends is believed beyond
 * being its answer to the call in hand.
 */
export class CandidateHost {
  readonly #ends: Promise<ProgramEnd>[] = [];
  readonly #spent = new Map<number, number>();
  #running: RunningProgram | undefined;
  #loaded = false;
  #pending: PendingCall | undefined;
  #calledAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #firstLoad = Promise.withResolvers<LoadOutcome>();
  readonly #lost = Promise.withResolvers<string>();

  constructor(private readonly options: CandidateOptions) {
    this.#start();
  }

  /** How loading the candidate the first time ended. */
  get firstLoad(): Promise<LoadOutcome> {
    return this.#firstLoad.promise;
  }

  /** Resolves with what happened when the backend, not the candidate, fails. */
  get lost(): Promise<string> {
    return this.#lost.promise;
  }

  /** Wall-clock time that calls of a case took, milliseconds. */
  spentMs(caseIndex: number): number {
    return Math.round(this.#spent.get(caseIndex) ?? 0);
  }

  /** Calls a function of the candidate; one call at a time. Once it was closed, every call finds it dead. */
  call(caseIndex: number, payload: Buffer): Promise<CallOutcome> {
    // A suite that has not ended yet still calls; a jail started for it would outlive the grading.
    if (this.#closed) return Promise.resolve({ kind: 'died', message: 'the grading has ended' });
    return new Promise((resolve) => {
      this.#pending = { payload, caseIndex, resolve };
      if (this.#running === undefined) this.#start();
      if (this.#loaded) this.#send();
    });
  }

  /** Ends the candidate; resolves with its CPU time in milliseconds, of all its starts. */
  async close(): Promise<number> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#running?.stop();
    const ends = await Promise.all(this.#ends);
    return ends.reduce((sum, end) => sum + end.cpuMs, 0);
  }

  /** Ends everything at once. */
  kill(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#running?.kill();
  }

  #start(): void {
    const { backend, limits, source, entryPoint, caseWallMs } = this.options;
    this.#loaded = false;
    const output = { bytes: 0 };
    const count = (chunk: Buffer): void => {
      output.bytes += chunk.length;
      // What candidates print is of no interest; too much of it ends them.
      if (output.bytes > limits.outputBytes * 16) running.stop();
    };
    const running = backend.start(
      {
        language: 'python',
        source: Buffer.from(pythonProgram('candidate')),
        args: [],
        env: {},
        files: [{ path: 'flow_wire.py', data: Buffer.from(pythonProgram('flow_wire')) }],
        outputFiles: [],
        limits,
        channel: true,
      },
      {
        onStarted: () => this.#arm(caseWallMs, running),
        onStdout: count,
        onStderr: count,
        onFrame: (frame) => this.#onFrame(running, frame),
      },
    );
    this.#running = running;
    running.closeStdin();
    running.sendFrame(
      encodeGradeFrame(FrameKind.load, 0, JSON.stringify({ source, entry_point: entryPoint })),
    );
    this.#ends.push(running.end);
    void running.end.then((end) => this.#onEnd(running, end));
  }

  #send(): void {
    const call = this.#pending;
    if (call === undefined) return;
    this.#calledAt = this.options.clock.now();
    this.#running?.sendFrame(encodeGradeFrame(FrameKind.call, call.caseIndex, call.payload));
    const left = this.options.caseWallMs - (this.#spent.get(call.caseIndex) ?? 0);
    if (this.#running !== undefined) this.#arm(Math.max(1, left), this.#running);
  }

  #arm(delayMs: number, running: RunningProgram): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onTimeout(running), delayMs);
  }

  #onFrame(running: RunningProgram, bytes: Buffer): void {
    if (running !== this.#running || this.#closed) return;
    const frame = decodeGradeFrame(bytes);
    if (!this.#loaded && frame?.kind === FrameKind.loaded) {
      clearTimeout(this.#timer);
      this.#loaded = true;
      this.#firstLoad.resolve(undefined);
      this.#send();
    } else if (!this.#loaded && frame?.kind === FrameKind.loadFailed) {
      this.#drop();
      this.#failLoad(readLoadFailure(frame.payload));
    } else if (this.#loaded && frame?.kind === FrameKind.reply && this.#pending !== undefined) {
      clearTimeout(this.#timer);
      this.#settle({ kind: 'reply', payload: frame.payload });
    } else {
      // It speaks out of turn: only a candidate that tries to forge answers does.
      this.#drop();
      this.#failLoad({ type: 'CandidateDied', message: 'the candidate wrote to the grading channel' });
    }
  }

  #onTimeout(running: RunningProgram): void {
    if (running !== this.#running) return;
    const loading = !this.#loaded;
    this.#drop();
    const { caseWallMs } = this.options;
    if (loading) {
      this.#failLoad({ type: 'Timeout', message: `loading took longer than ${caseWallMs} ms` });
    } else {
      this.#settle({ kind: 'timeout' });
    }
  }

  #onEnd(running: RunningProgram, end: ProgramEnd): void {
    if (end.reason === 'lost' || end.reason === 'refused') this.#lost.resolve(end.message);
    if (running !== this.#running) return;
    this.#running = undefined;
    clearTimeout(this.#timer);
    this.#failLoad({ type: 'CandidateDied', message: howItEnded(end) });
  }

  /** Stops the running candidate without waiting for its end. */
  #drop(): void {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = undefined;
    running?.stop();
  }

  #failLoad(failure: LoadFailure): void {
    this.#firstLoad.resolve(failure);
    this.#settle({ kind: 'died', message: failure.message });
  }

  #settle(outcome: CallOutcome): void {
    const call = this.#pending;
    if (call === undefined) return;
    this.#pending = undefined;
    if (this.#loaded) {
      const elapsed = this.options.clock.now() - this.#calledAt;
      this.#spent.set(call.caseIndex, (this.#spent.get(call.caseIndex) ?? 0) + elapsed);
    }
    call.resolve(outcome);
  }
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
function readLoadFailure(payload: Buffer): LoadFailure {
  try {
    const told = JSON.parse(payload.toString()) as { type?: unknown; message?: unknown };
    return { type: String(told.type).slice(0, 100), message: String(told.message).slice(0, 500) };
  } catch {
    return { type: 'CandidateDied', message: 'the candidate wrote to the grading channel' };
  }
}
