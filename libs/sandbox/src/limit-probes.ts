import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { runProbe } from './probe-run.js';
import type { ProgramLimits, SandboxBackend } from './ports.js';

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

/** Tries each limit; names those that hold. */
export async function limitsThatHold(
  backend: SandboxBackend,
  signal: AbortSignal,
): Promise<Map<string, boolean>> {
  const outcomes = await Promise.all(
    LIMIT_PROBES.map(async ({ name, source, limits, holds }) => {
      const result = await runProbe(backend, source, { limits, signal });
      return [name, holds(result.status, result.stdout.toString())] as const;
    }),
  );
  return new Map(outcomes);
}
