import type { ExecutionResult } from '@flowreasoner/contracts/sandbox';
import { execute, type Interactive } from './execute.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { ProgramLimits, SandboxBackend } from './ports.js';

/** How a program that tries a backend is run. */
export interface ProbeRun {
  readonly limits?: Partial<ProgramLimits>;
  readonly args?: readonly string[];
  readonly interactive?: Interactive;
  readonly signal: AbortSignal;
}

/** Runs a Python program that tries a backend. */
export function runProbe(backend: SandboxBackend, source: string, run: ProbeRun): Promise<ExecutionResult> {
  return execute({
    backend,
    program: {
      ...{ language: 'python', env: {}, files: [], outputFiles: [], channel: false },
      source: Buffer.from(source),
      args: run.args ?? [],
      limits: { ...DEFAULT_LIMITS, ...run.limits },
    },
    ...{ stdin: new Uint8Array(), queueMs: 0, signal: run.signal },
    ...(run.interactive === undefined ? {} : { interactive: run.interactive }),
  });
}
