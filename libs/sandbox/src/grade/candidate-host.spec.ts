import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../limits.js';
import type { ProgramEnd, ProgramEvents, RunningProgram, SandboxBackend } from '../ports.js';
import { CandidateHost } from './candidate-host.js';
import { FrameKind, encodeGradeFrame } from './frames.js';

const END: ProgramEnd = {
  ...{ reason: 'stopped', code: 0, cpuMs: 1, wallMs: 1, setupMs: 1, peakMemoryBytes: 0 },
  ...{ outputFiles: [], message: '', isolation: '' },
};

/** Programs that load, answer nothing, and end when they are told to. */
function fakeBackend(): { backend: SandboxBackend; started: ProgramEvents[] } {
  const started: ProgramEvents[] = [];
  const start = (_: unknown, events: ProgramEvents): RunningProgram => {
    started.push(events);
    const { promise: end, resolve } = Promise.withResolvers<ProgramEnd>();
    const stop = (): void => resolve(END);
    const ignore = (): void => undefined;
    return {
      end,
      stop,
      kill: stop,
      writeStdin: ignore,
      closeStdin: ignore,
      sendFrame: ignore,
      signal: ignore,
    };
  };
  return { backend: { name: 'fake', languages: ['python'], mechanisms: {}, start }, started };
}

describe('CandidateHost', () => {
  it.each(['close', 'kill'] as const)('starts no other candidate after %s', async (end) => {
    const { backend, started } = fakeBackend();
    const host = new CandidateHost({
      ...{ backend, clock: performance, source: '', entryPoint: 'f' },
      ...{ limits: DEFAULT_LIMITS, caseWallMs: 1000, files: [] },
    });
    started[0]?.onFrame?.(encodeGradeFrame(FrameKind.loaded, 0));
    const inHand = host.call(0, Buffer.alloc(0));
    await host[end]();
    expect(await inHand).toMatchObject({ kind: 'died' });
    expect(await host.call(1, Buffer.alloc(0))).toEqual({ kind: 'died', message: 'the grading has ended' });
    expect(started).toHaveLength(1);
  });
});
