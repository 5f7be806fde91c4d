import type { ProgramEnd, RunningProgram } from '../ports.js';
import { CandidateHost } from './candidate-host.js';
import { FrameKind, decodeGradeFrame, encodeGradeFrame, type Frame } from './frames.js';
import { gradingProgram } from './grading-program.js';
import { endedEarly, readEnded, readOutcome, readSources } from './grader-words.js';
import type { CaseOutcome, SuiteEnd, SuiteRun, SuiteRunOptions } from './suite.js';

/** The jails live a little longer than the grading, whose own timer is the limit. */
const JAIL_EXTRA_MS = 5000;

/**
 * Runs a suite in one jail against a candidate in another and passes calls and
 * answers between them. The verdict rests on what the grader says alone.
 */
export async function runSuite(options: SuiteRunOptions): Promise<SuiteRun> {
  const { backend, clock, signal, setup, caseWallMs, files } = options;
  const limits = { ...options.limits, wallMs: options.limits.wallMs + JAIL_EXTRA_MS };
  const begun = clock.now();
  const candidate = new CandidateHost({
    ...{ backend, clock, limits, caseWallMs, files },
    source: options.candidate,
    entryPoint: setup.entry_point,
  });
  const grader = new GraderHost({ ...options, limits }, candidate);
  const kill = (): void => {
    candidate.kill();
    grader.kill();
  };
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const timeout = Promise.withResolvers<SuiteEnd>();
  const timer = setTimeout(() => timeout.resolve({ kind: 'out of time' }), options.limits.wallMs);
  const unloadable = candidate.firstLoad.then(async (failure): Promise<SuiteEnd> => {
    if (failure === undefined) return new Promise(() => undefined);
    // The number of cases is worth knowing even when none can be run.
    await Promise.race([grader.declared, grader.end]);
    return { kind: 'candidate unloadable', failure };
  });
  const lost = candidate.lost.then((message): SuiteEnd => ({ kind: 'infra', message }));
  const end = await Promise.race([lost, unloadable, grader.end, timeout.promise]);
  clearTimeout(timer);
  const wallMs = Math.round(clock.now() - begun);
  const ends = (await Promise.all([candidate.close(), grader.close()])).flat();
  signal.removeEventListener('abort', kill);
  const { sources, outcomes, inHand } = grader;
  const interrupted = end.kind === 'out of time' ? inHand : undefined;
  const spentMs = (caseIndex: number): number => candidate.spentMs(caseIndex);
  return { sources, outcomes, spentMs, interrupted, end, wallMs, ends };
}

/** The suite in its jail. */
class GraderHost {
  sources: readonly string[] = [];
  readonly outcomes = new Map<number, CaseOutcome>();
  /** The case that the last call belonged to. */
  inHand: number | undefined;
  readonly #running: RunningProgram;
  readonly #end = Promise.withResolvers<SuiteEnd>();
  readonly #declared = Promise.withResolvers<void>();

  constructor(
    { backend, limits, setup, files }: SuiteRunOptions,
    private readonly candidate: CandidateHost,
  ) {
    this.#running = backend.start(gradingProgram('grader', files, limits), {
      onFrame: (bytes) => this.#onFrame(decodeGradeFrame(bytes)),
    });
    this.#running.closeStdin();
    this.#running.sendFrame(encodeGradeFrame(FrameKind.setup, 0, JSON.stringify(setup)));
    void this.#running.end.then((end) => this.#onEnd(end));
  }

  get end(): Promise<SuiteEnd> {
    return this.#end.promise;
  }

  get declared(): Promise<void> {
    return this.#declared.promise;
  }

  close(): Promise<ProgramEnd> {
    this.#running.stop();
    return this.#running.end;
  }

  kill(): void {
    this.#running.kill();
  }

  #onFrame(frame: Frame | undefined): void {
    switch (frame?.kind) {
      case FrameKind.declared:
        this.sources = readSources(frame.payload);
        this.#declared.resolve();
        break;
      case FrameKind.outcome:
        if (frame.caseIndex >= 0 && frame.caseIndex < this.sources.length) {
          this.outcomes.set(frame.caseIndex, readOutcome(frame.payload));
        }
        break;
      case FrameKind.call:
        this.inHand = frame.caseIndex;
        void this.#passOn(frame);
        break;
      case FrameKind.ended:
        this.#end.resolve(readEnded(frame.payload));
        break;
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
    this.#end.resolve(endedEarly(end));
  }
}
