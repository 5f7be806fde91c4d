import { HARD_OUTPUT_FACTOR } from '../limits.js';
import type {
  MonotonicClock,
  ProgramEnd,
  ProgramFile,
  ProgramLimits,
  RunningProgram,
  SandboxBackend,
} from '../ports.js';
import { FrameKind, decodeGradeFrame, encodeGradeFrame, type Frame } from './frames.js';
import { howItEnded, readLoadFailure } from './grader-words.js';
import { gradingProgram } from './grading-program.js';
import type { LoadFailure } from './suite.js';

/** How one call of the candidate ended. */
export type CallOutcome =
  | { readonly kind: 'reply'; readonly payload: Buffer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'died'; readonly message: string };

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
  /** Files that it finds in its work directory. */
  readonly files: readonly ProgramFile[];
}

/** More than candidate.py keeps. */
const OBJECTS_PER_START = 1_000_000;

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

  /** Ends the candidate; resolves with the ends of all its starts. */
  async close(): Promise<ProgramEnd[]> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#running?.stop();
    return Promise.all(this.#ends);
  }

  /** Ends everything at once. */
  kill(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#running?.kill();
  }

  #start(): void {
    const { backend, limits, source, entryPoint, caseWallMs, files } = this.options;
    this.#loaded = false;
    const output = { bytes: 0 };
    const count = (chunk: Buffer): void => {
      output.bytes += chunk.length;
      // What candidates print is of no interest; too much of it ends them.
      if (output.bytes > limits.outputBytes * HARD_OUTPUT_FACTOR) running.stop();
    };
    const running = backend.start(gradingProgram('candidate', files, limits), {
      onStarted: () => this.#arm(caseWallMs, running),
      onStdout: count,
      onStderr: count,
      onFrame: (frame) => this.#onFrame(running, frame),
    });
    this.#running = running;
    running.closeStdin();
    // The objects of an earlier start are gone: their numbers are not used again.
    const load = { source, entry_point: entryPoint, first_object: this.#ends.length * OBJECTS_PER_START };
    running.sendFrame(encodeGradeFrame(FrameKind.load, 0, JSON.stringify(load)));
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
    } else if (this.#loaded && this.#answers(frame)) {
      clearTimeout(this.#timer);
      this.#settle({ kind: 'reply', payload: frame.payload });
    } else {
      // It speaks out of turn: only a candidate that tries to forge answers does.
      this.#drop();
      this.#failLoad({ type: 'CandidateDied', message: 'the candidate wrote to the grading channel' });
    }
  }

  #answers(frame: Frame | undefined): frame is Frame {
    const asked = this.#pending?.caseIndex;
    return frame?.kind === FrameKind.reply && asked !== undefined && frame.caseIndex === asked;
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
