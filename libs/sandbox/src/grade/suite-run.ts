import { z } from 'zod';
import type { MonotonicClock, ProgramEnd, ProgramLimits, RunningProgram, SandboxBackend } from '../ports.js';
import { pythonProgram } from '../python-programs.js';
import { CandidateHost, howItEnded, type LoadFailure } from './candidate-host.js';
import { FrameKind, decodeGradeFrame, encodeGradeFrame, type Frame } from './frames.js';

/** What the grader is told about the suite; its own words, see grader.py. */
export type SuiteSetup =
  | {
      readonly kind: 'function';
      readonly entry_point: string;
      readonly test_code: string;
      readonly asserts: readonly string[];
    }
  | {
      readonly kind: 'values';
      readonly entry_point: string;
      readonly cases: readonly { readonly arguments: string; readonly expected: string }[];
    };

/** What the grader says about one case. Test code runs beside the grader, so this is checked too. */
const outcomeSchema = z.object({
  status: z.enum(['passed', 'failed', 'error', 'timeout']),
  expected: z.string().optional(),
  actual: z.string().optional(),
  type: z.string().optional(),
  message: z.string().optional(),
});
const sourcesSchema = z.array(z.string()).max(3000);
const endedSchema = z.object({ error: z.string().optional() });

/** What the grader says about one case. */
export type CaseOutcome = z.output<typeof outcomeSchema>;

/** How running a suite ended. */
export interface SuiteRun {
  /** Source text of each case; empty where the suite could not be read. */
  readonly sources: readonly string[];
  readonly outcomes: ReadonlyMap<number, CaseOutcome>;
  /** Wall-clock time that the candidate took for a case, milliseconds. */
  readonly spentMs: (caseIndex: number) => number;
  /** The case in hand when the time was up. */
  readonly interrupted: number | undefined;
  readonly end:
    | { readonly kind: 'complete' }
    | { readonly kind: 'out of time' }
    | { readonly kind: 'candidate unloadable'; readonly failure: LoadFailure }
    | { readonly kind: 'suite unusable'; readonly message: string }
    | { readonly kind: 'infra'; readonly message: string };
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** What running a suite needs. */
export interface SuiteRunOptions {
  readonly backend: SandboxBackend;
  readonly clock: MonotonicClock;
  readonly candidate: string;
  readonly setup: SuiteSetup;
  readonly limits: ProgramLimits;
  readonly caseWallMs: number;
  /** Kills both jails when it aborts. */
  readonly signal: AbortSignal;
}

/** The jails live a little longer than the grading, whose own timer is the limit. */
const JAIL_EXTRA_MS = 5000;

type End = SuiteRun['end'];

/**
 * Runs a suite in one jail against a candidate in another and passes calls and
 * answers between them. The verdict rests on what the grader says alone.
 */
export async function runSuite(options: SuiteRunOptions): Promise<SuiteRun> {
  const { backend, clock, signal, setup, caseWallMs } = options;
  const limits = { ...options.limits, wallMs: options.limits.wallMs + JAIL_EXTRA_MS };
  const begun = clock.now();
  const candidate = new CandidateHost({
    ...{ backend, clock, limits, caseWallMs },
    source: options.candidate,
    entryPoint: setup.entry_point,
  });
  const grader = new GraderHost(backend, limits, setup, candidate);
  const kill = (): void => {
    candidate.kill();
    grader.kill();
  };
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const timeout = Promise.withResolvers<End>();
  const timer = setTimeout(() => timeout.resolve({ kind: 'out of time' }), options.limits.wallMs);
  const unloadable = candidate.firstLoad.then(async (failure): Promise<End> => {
    if (failure === undefined) return new Promise(() => undefined);
    // The number of cases is worth knowing even when none can be run.
    await Promise.race([grader.declared, grader.end]);
    return { kind: 'candidate unloadable', failure };
  });
  const lost = candidate.lost.then((message): End => ({ kind: 'infra', message }));
  const end = await Promise.race([lost, unloadable, grader.end, timeout.promise]);
  clearTimeout(timer);
  const wallMs = Math.round(clock.now() - begun);
  const [candidateCpuMs, graderCpuMs] = await Promise.all([candidate.close(), grader.close()]);
  signal.removeEventListener('abort', kill);
  const { sources, outcomes, inHand } = grader;
  const interrupted = end.kind === 'out of time' ? inHand : undefined;
  const spentMs = (caseIndex: number): number => candidate.spentMs(caseIndex);
  return { sources, outcomes, spentMs, interrupted, end, wallMs, cpuMs: candidateCpuMs + graderCpuMs };
}

/** The suite in its jail. */
class GraderHost {
  sources: readonly string[] = [];
  readonly outcomes = new Map<number, CaseOutcome>();
  /** The case that the last call belonged to. */
  inHand: number | undefined;
  readonly #running: RunningProgram;
  readonly #end = Promise.withResolvers<End>();
  readonly #declared = Promise.withResolvers<void>();

  constructor(
    backend: SandboxBackend,
    limits: ProgramLimits,
    setup: SuiteSetup,
    private readonly candidate: CandidateHost,
  ) {
    const files = (['flow_wire', 'flow_asserts'] as const).map((name) => ({
      path: `${name}.py`,
      data: Buffer.from(pythonProgram(name)),
    }));
    this.#running = backend.start(
      {
        ...{ language: 'python', source: Buffer.from(pythonProgram('grader')), args: [], env: {}, files },
        ...{ outputFiles: [], limits, channel: true },
      },
      { onFrame: (bytes) => this.#onFrame(decodeGradeFrame(bytes)) },
    );
    this.#running.closeStdin();
    this.#running.sendFrame(encodeGradeFrame(FrameKind.setup, 0, JSON.stringify(setup)));
    void this.#running.end.then((end) => this.#onEnd(end));
  }

  get end(): Promise<End> {
    return this.#end.promise;
  }

  get declared(): Promise<void> {
    return this.#declared.promise;
  }

  async close(): Promise<number> {
    this.#running.stop();
    return (await this.#running.end).cpuMs;
  }

  kill(): void {
    this.#running.kill();
  }

  #onFrame(frame: Frame | undefined): void {
    switch (frame?.kind) {
      case FrameKind.declared:
        this.sources = sourcesSchema.parse(JSON.parse(frame.payload.toString()));
        this.#declared.resolve();
        break;
      case FrameKind.outcome:
        if (frame.caseIndex >= 0 && frame.caseIndex < this.sources.length) {
          this.outcomes.set(frame.caseIndex, outcomeSchema.parse(JSON.parse(frame.payload.toString())));
        }
        break;
      case FrameKind.call:
        this.inHand = frame.caseIndex;
        void this.#passOn(frame);
        break;
      case FrameKind.ended: {
        const { error } = endedSchema.parse(JSON.parse(frame.payload.toString()));
        this.#end.resolve(
          error === undefined ? { kind: 'complete' } : { kind: 'suite unusable', message: error },
        );
        break;
      }
      default:
        this.#end.resolve({ kind: 'suite unusable', message: 'the suite wrote to the grading channel' });
    }
  }

  async #passOn(frame: Frame): Promise<void> {
    const outcome = await this.candidate.call(frame.caseIndex, frame.payload);
    const kind = { reply: FrameKind.reply, timeout: FrameKind.timedOut, died: FrameKind.died }[outcome.kind];
    const payload =
      outcome.kind === 'reply' ? outcome.payload : outcome.kind === 'died' ? outcome.message : '';
    this.#running.sendFrame(encodeGradeFrame(kind, frame.caseIndex, payload));
  }

  #onEnd(end: ProgramEnd): void {
    const message = howItEnded(end);
    if (end.reason === 'lost' || end.reason === 'refused') this.#end.resolve({ kind: 'infra', message });
    else
      this.#end.resolve({ kind: 'suite unusable', message: `the suite did not run to its end: ${message}` });
  }
}
