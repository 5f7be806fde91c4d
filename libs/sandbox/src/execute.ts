import { ExecutionStatus, type ExecutionResult } from '@flowreasoner/contracts/sandbox';
import { endStatus } from './end-status.js';
import { limitsToContract } from './limits.js';
import { OutputCapture } from './output-capture.js';
import type { Program, ProgramEnd, RunningProgram, SandboxBackend } from './ports.js';

/** One execution that has its slot. */
export interface ExecuteOptions {
  readonly backend: SandboxBackend;
  readonly program: Program;
  readonly stdin: Uint8Array;
  readonly queueMs: number;
  /** Kills everything when it aborts. */
  readonly signal: AbortSignal;
  /** Set: standard input stays open and output is told as it comes. */
  readonly interactive?: Interactive;
}

/** Who talks to a program while it runs. */
export interface Interactive {
  /** Output within the limit. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  readonly onRunning: (running: RunningProgram) => void;
}

/** Runs a program to its end and tells what it did. Never throws for what the program does. */
export async function execute(options: ExecuteOptions): Promise<ExecutionResult> {
  const { backend, program, signal, interactive } = options;
  const stdout = new OutputCapture(program.limits.outputBytes);
  const stderr = new OutputCapture(program.limits.outputBytes);
  let flooded = false;
  const take = (stream: 'stdout' | 'stderr', chunk: Buffer): void => {
    const capture = stream === 'stdout' ? stdout : stderr;
    const kept = capture.add(chunk);
    if (kept.length > 0) interactive?.onOutput(stream, kept);
    if (!capture.flooded || flooded) return;
    flooded = true;
    running.stop();
  };
  const running = backend.start(program, {
    onStdout: (chunk) => take('stdout', chunk),
    onStderr: (chunk) => take('stderr', chunk),
  });
  const kill = (): void => running.kill();
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  if (options.stdin.length > 0) running.writeStdin(options.stdin);
  if (interactive === undefined) running.closeStdin();
  else interactive.onRunning(running);
  const end = await running.end;
  signal.removeEventListener('abort', kill);
  const facts = { language: program.language, stderr: stderr.bytes(), flooded, cancelled: signal.aborted };
  return {
    ...measured(end),
    ...endStatus(end, facts),
    stdout: stdout.bytes(),
    stderr: facts.stderr,
    stdoutTruncated: stdout.truncated,
    stderrTruncated: stderr.truncated,
    queueMs: options.queueMs,
    backend: backend.name,
    limits: limitsToContract(program.limits),
  };
}

type Measured = 'cpuMs' | 'wallMs' | 'peakMemoryBytes' | 'setupMs' | 'outputFiles' | 'message' | 'isolation';

function measured(end: ProgramEnd): Pick<ExecutionResult, Measured> {
  return {
    cpuMs: end.cpuMs,
    wallMs: end.wallMs,
    setupMs: end.setupMs,
    peakMemoryBytes: BigInt(end.peakMemoryBytes),
    outputFiles: end.outputFiles.map(({ path, data }) => ({
      path,
      content: { $case: 'data', value: Buffer.from(data) },
    })),
    message: end.message,
    isolation: end.isolation,
  };
}

/** The result of a request that can't be run as it is. */
export function rejected(backend: SandboxBackend, message: string): ExecutionResult {
  return notRun(ExecutionStatus.EXECUTION_STATUS_REJECTED, message, backend.name);
}

/** The result of a program that was not run. */
export function notRun(status: ExecutionStatus, message: string, backend: string): ExecutionResult {
  return {
    status,
    exitCode: 0,
    signal: '',
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
    stdoutTruncated: false,
    stderrTruncated: false,
    cpuMs: 0,
    wallMs: 0,
    peakMemoryBytes: 0n,
    queueMs: 0,
    setupMs: 0,
    backend,
    isolation: '',
    limits: undefined,
    outputFiles: [],
    message,
  };
}
