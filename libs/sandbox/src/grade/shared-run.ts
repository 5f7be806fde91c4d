import { HARD_OUTPUT_FACTOR } from '../limits.js';
import { FrameKind, decodeGradeFrame, encodeGradeFrame, type Frame } from './frames.js';
import { endedEarly, readEnded, readLoadFailure, readOutcome, readSources } from './grader-words.js';
import { gradingProgram } from './grading-program.js';
import type { CaseOutcome, SuiteEnd, SuiteRun, SuiteRunOptions, TestSetup } from './suite.js';

/** The jail lives a little longer than the grading, whose own timer is the limit. */
const JAIL_EXTRA_MS = 5000;

/**
 * Runs a suite in the candidate's own interpreter, in one jail. What it says can
 * be forged by a candidate that means to; shared.py says what can't.
 */
export async function runShared(options: SuiteRunOptions<TestSetup>): Promise<SuiteRun> {
  const { backend, clock, signal, setup, caseWallMs, limits } = options;
  const begun = clock.now();
  const notes = new SharedNotes();
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > limits.outputBytes * HARD_OUTPUT_FACTOR) running.stop();
  };
  const jailLimits = { ...limits, wallMs: limits.wallMs + JAIL_EXTRA_MS, processes: limits.processes + 1 };
  const running = backend.start(gradingProgram('shared', options.files, jailLimits), {
    onFrame: (frame) => notes.take(decodeGradeFrame(frame)),
    ...{ onStdout: count, onStderr: count },
  });
  running.closeStdin();
  const told = { ...setup, candidate: options.candidate, case_wall_ms: caseWallMs };
  running.sendFrame(encodeGradeFrame(FrameKind.setup, 0, JSON.stringify(told)));
  void running.end.then((end) => notes.end.resolve(endedEarly(end)));
  const kill = (): void => running.kill();
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const timer = setTimeout(() => notes.end.resolve({ kind: 'out of time' }), limits.wallMs);
  const end = await notes.end.promise;
  clearTimeout(timer);
  const wallMs = Math.round(clock.now() - begun);
  running.stop();
  const ends = [await running.end];
  signal.removeEventListener('abort', kill);
  const { sources, outcomes } = notes;
  const interrupted = end.kind === 'out of time' ? firstOpen(notes) : undefined;
  return { sources, outcomes, spentMs: () => 0, interrupted, end, ends, wallMs };
}

/** What the jail has said so far. */
class SharedNotes {
  sources: readonly string[] = [];
  readonly outcomes = new Map<number, CaseOutcome>();
  readonly end = Promise.withResolvers<SuiteEnd>();

  take(frame: Frame | undefined): void {
    switch (frame?.kind) {
      case FrameKind.declared:
        this.sources = readSources(frame.payload);
        break;
      case FrameKind.outcome:
        if (frame.caseIndex >= 0 && frame.caseIndex < this.sources.length) {
          this.outcomes.set(frame.caseIndex, readOutcome(frame.payload));
        }
        break;
      case FrameKind.loadFailed:
        this.end.resolve({ kind: 'candidate unloadable', failure: readLoadFailure(frame.payload) });
        break;
      case FrameKind.ended:
        this.end.resolve(readEnded(frame.payload));
        break;
      default:
        this.end.resolve({ kind: 'suite unusable', message: 'the suite wrote to the grading channel' });
    }
  }
}

function firstOpen({ sources, outcomes }: SharedNotes): number | undefined {
  const index = sources.findIndex((_, at) => !outcomes.has(at));
  return index < 0 ? undefined : index;
}
