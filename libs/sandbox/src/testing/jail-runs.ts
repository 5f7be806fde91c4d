import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExecutionResult } from '@flowreasoner/contracts/sandbox';
import { inspectHost } from '../adapters/jail/host-probe.js';
import { JailBackend, type JailOptions } from '../adapters/jail/jail-backend.js';
import { execute } from '../execute.js';
import { DEFAULT_LIMITS } from '../limits.js';
import type { Program, ProgramLimits, SandboxBackend } from '../ports.js';

/** What a test's program can be given. */
export interface RunOptions {
  readonly language?: Program['language'];
  readonly limits?: Partial<ProgramLimits>;
  readonly stdin?: string;
  readonly files?: Record<string, string | Buffer>;
  readonly outputFiles?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
}

const BUILD_HELPER = fileURLToPath(new URL('../../../../tools/build/native.mjs', import.meta.url));

/** The real jail of this machine. Fails, rather than skips, where there is none. */
export async function realJail(options: JailOptions = {}): Promise<JailBackend> {
  const { status, stderr } = spawnSync(process.execPath, [BUILD_HELPER]);
  if (status !== 0 || stderr.length > 0) throw new Error(`no jail helper: ${stderr.toString()}`);
  const { host, checks } = await inspectHost();
  if (host === undefined) throw new Error(`no jail on this machine: ${JSON.stringify(checks)}`);
  return new JailBackend(host, performance, options);
}

/** A program with default limits. */
export function programOf(source: string | Buffer, options: RunOptions = {}): Program {
  return {
    language: options.language ?? 'python',
    source: Buffer.from(source),
    args: options.args ?? [],
    env: options.env ?? {},
    files: Object.entries(options.files ?? {}).map(([path, text]) => ({ path, data: Buffer.from(text) })),
    outputFiles: options.outputFiles ?? [],
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    channel: false,
  };
}

/** Runs a program on a backend. */
export function runIn(
  backend: SandboxBackend,
  source: string | Buffer,
  options: RunOptions = {},
): Promise<ExecutionResult> {
  return execute({
    backend,
    program: programOf(source, options),
    stdin: Buffer.from(options.stdin ?? ''),
    queueMs: 0,
    signal: options.signal ?? new AbortController().signal,
  });
}

/** Ids of the processes on this machine whose command line holds the text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).includes(text))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
