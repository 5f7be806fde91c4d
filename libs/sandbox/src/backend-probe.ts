import { ExecutionStatus, Language, type Backend, type Capability } from '@flowreasoner/contracts/sandbox';
import { execute } from './execute.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { ProgramLimits, SandboxBackend } from './ports.js';
import { pythonProgram } from './python-programs.js';

/** Boundaries without which a backend must not run anything. */
const REQUIRED = ['network', 'filesystem', 'environment', 'processes', 'privileges', 'launcher'];

/** A program that goes beyond one limit, and the status that shows the limit at work. */
interface LimitProbe {
  readonly name: string;
  readonly source: string;
  readonly limits: Partial<ProgramLimits>;
  readonly holds: (status: ExecutionStatus, stdout: string) => boolean;
}

const MIB = 1024 * 1024;

const LIMIT_PROBES: readonly LimitProbe[] = [
  {
    name: 'memory',
    source: 'import mmap\nm = mmap.mmap(-1, 256 << 20)\nfor i in range(0, len(m), 4096): m[i] = 1\n',
    limits: { memoryBytes: 64 * MIB },
    holds: (status) => status === ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
  },
  {
    name: 'pids',
    source: [
      'import os, time',
      'n = 0',
      'try:',
      '    while n < 32:',
      '        if os.fork() == 0: time.sleep(9)',
      '        n += 1',
      'except OSError: pass',
      'print(n)',
    ].join('\n'),
    limits: { processes: 8 },
    holds: (_, stdout) => Number(stdout) > 0 && Number(stdout) < 8,
  },
  {
    name: 'cpu',
    source: 'while True: pass',
    limits: { cpuMs: 60, wallMs: 5000 },
    holds: (status) => status === ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT,
  },
  {
    name: 'wall',
    source: 'import time\ntime.sleep(5)',
    limits: { wallMs: 60 },
    holds: (status) => status === ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT,
  },
  {
    name: 'disk',
    source: 'try:\n    open("x", "wb").write(bytes(2 << 20))\nexcept OSError: print("full")\n',
    limits: { diskBytes: MIB },
    holds: (_, stdout) => stdout === 'full\n',
  },
  {
    name: 'output',
    source: 'import os\nwhile True: os.write(1, bytes(4096))',
    limits: { outputBytes: 1024 },
    holds: (status) => status === ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT,
  },
];

/**
 * Finds out by trying what a backend enforces on this machine. A backend that
 * any required boundary fails to hold is reported as not available.
 */
export async function probeBackend(backend: SandboxBackend, signal: AbortSignal): Promise<Backend> {
  const capability = (name: string, enforced: boolean): Capability => ({
    name,
    enforced,
    mechanism: enforced ? (backend.mechanisms[name] ?? '') : '',
  });
  const [boundaries, ...limits] = await Promise.all([
    probeBoundaries(backend, signal),
    ...LIMIT_PROBES.map(async ({ name, source, limits, holds }) => {
      const result = await runProbe(backend, source, limits, signal);
      return capability(name, holds(result.status, result.stdout.toString()));
    }),
  ]);
  const held = Object.entries(boundaries.held).map(([name, holds]) => capability(name, holds));
  const broken = REQUIRED.filter((name) => boundaries.held[name] !== true);
  const reason =
    boundaries.failure || (broken.length === 0 ? '' : `these boundaries do not hold: ${broken.join(', ')}`);
  return {
    name: backend.name,
    available: reason === '',
    reason,
    capabilities: [...held, ...limits],
    probes: [],
    languages: backend.languages.map((language) =>
      language === 'python' ? Language.LANGUAGE_PYTHON : Language.LANGUAGE_JAVASCRIPT,
    ),
  };
}

async function probeBoundaries(
  backend: SandboxBackend,
  signal: AbortSignal,
): Promise<{ held: Record<string, boolean>; failure: string }> {
  const result = await runProbe(backend, pythonProgram('boundary_probe'), {}, signal);
  try {
    return { held: JSON.parse(result.stdout.toString()) as Record<string, boolean>, failure: '' };
  } catch {
    const said = result.message || result.stderr.toString().trim().split('\n').at(-1) || 'it said nothing';
    return { held: {}, failure: `the probe program did not run: ${said}` };
  }
}

function runProbe(
  backend: SandboxBackend,
  source: string,
  limits: Partial<ProgramLimits>,
  signal: AbortSignal,
): ReturnType<typeof execute> {
  return execute({
    backend,
    program: {
      language: 'python',
      source: Buffer.from(source),
      args: [],
      env: {},
      files: [],
      outputFiles: [],
      limits: { ...DEFAULT_LIMITS, ...limits },
      channel: false,
    },
    stdin: new Uint8Array(),
    queueMs: 0,
    signal,
  });
}
