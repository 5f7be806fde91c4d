import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import {
  type ExecutionResult,
  ExecutionStatus,
  ExecuteRequest,
  Language,
  SandboxServiceClient,
} from '@flowreasoner/contracts/sandbox';
import { createClient, FlowError, unary, waitForReady } from '@flowreasoner/rpc';
import { startSandbox } from '../embedded/sandbox-process.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { enumWord } from '../output/json-events.js';
import { seconds } from '../output/words.js';
import { listenForInterrupts } from '../signals.js';
import { readInput } from '../task/read-task.js';
import { parseLimits } from './parse-limits.js';

const MAX_SOURCE_BYTES = 1024 * 1024;
const MAX_STDIN_BYTES = 8 * 1024 * 1024;
const READY_TIMEOUT_MS = 20_000;

/** Options of `flow exec`. */
export interface ExecOptions {
  readonly stdin?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

/**
 * `flow exec FILE`: runs a program in the sandbox. Its output becomes ours; the
 * exit code is 0 when it exits with 0, 2 when it does not, 75 when a limit
 * ended it.
 */
export async function exec(file: string, options: ExecOptions): Promise<ExitCode> {
  const language = languageOf(file);
  const limits = options.limit === undefined ? undefined : parseLimits(options.limit);
  const source = await readInput(file, MAX_SOURCE_BYTES);
  const stdin =
    options.stdin === undefined ? new Uint8Array() : await readInput(options.stdin, MAX_STDIN_BYTES);
  const interrupts = listenForInterrupts();
  const folder = await mkdtemp(join(tmpdir(), 'flow-exec-'));
  const address = `unix:${join(folder, 'sandbox.sock')}`;
  const sandbox = startSandbox(address);
  const client = createClient(SandboxServiceClient, { address });
  try {
    await Promise.race([waitForReady(client, READY_TIMEOUT_MS), sandbox.failed]);
    const request = ExecuteRequest.fromPartial({
      execution: {
        language,
        source: Buffer.from(source),
        stdin: Buffer.from(stdin),
        ...(limits === undefined ? {} : { limits }),
      },
    });
    const { result } = await Promise.race([
      unary(client, 'execute', request, { deadlineMs: Infinity, signal: interrupts.signal }),
      sandbox.failed,
    ]);
    if (result === undefined)
      throw new FlowError('INTERNAL', 'EXECUTION_EMPTY', 'the sandbox gave no result');
    return show(result, options.json === true);
  } catch (error) {
    const code = interrupts.exitCode();
    if (code !== undefined) return code;
    throw error;
  } finally {
    client.close();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
    interrupts.dispose();
  }
}

function show(result: ExecutionResult, json: boolean): ExitCode {
  if (result.status === ExecutionStatus.EXECUTION_STATUS_REJECTED) {
    throw new FlowError('INVALID_ARGUMENT', 'EXECUTION_REJECTED', result.message);
  }
  if (result.status === ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR) {
    throw new FlowError('UNAVAILABLE', 'SANDBOX_FAILED', result.message, {
      hint: 'flow doctor says what is missing',
    });
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(executionJson(result))}\n`);
  } else {
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
    process.stderr.write(`${colorsFor(process.stderr).dim(summary(result))}\n`);
  }
  if (result.status !== ExecutionStatus.EXECUTION_STATUS_EXITED)
    return limitReached(result) ? ExitCode.budgetOrDeadline : ExitCode.unsolved;
  return result.exitCode === 0 ? ExitCode.solved : ExitCode.unsolved;
}

function limitReached({ status }: ExecutionResult): boolean {
  return status !== ExecutionStatus.EXECUTION_STATUS_SIGNALED;
}

function executionJson(result: ExecutionResult): object {
  return {
    status: statusWord(result),
    exit_code: result.status === ExecutionStatus.EXECUTION_STATUS_EXITED ? result.exitCode : null,
    signal: result.signal === '' ? null : result.signal,
    stdout: result.stdout.toString('utf8'),
    stderr: result.stderr.toString('utf8'),
    stdout_truncated: result.stdoutTruncated,
    stderr_truncated: result.stderrTruncated,
    cpu_ms: result.cpuMs,
    wall_ms: result.wallMs,
    peak_memory_bytes: Number(result.peakMemoryBytes),
    backend: result.backend,
    isolation: result.isolation,
  };
}

function summary(result: ExecutionResult): string {
  const how =
    result.status === ExecutionStatus.EXECUTION_STATUS_EXITED
      ? `exit code ${result.exitCode}`
      : `${statusWord(result).replaceAll('_', ' ')}${result.signal === '' ? '' : ` ${result.signal}`}`;
  const memory =
    result.peakMemoryBytes === 0n ? '' : `, ${(Number(result.peakMemoryBytes) / 1048576).toFixed(0)} MiB`;
  const cut = result.stdoutTruncated || result.stderrTruncated ? ', output was cut' : '';
  return `flow: ${how}, ${seconds(result.wallMs)}${memory}${cut} (${result.backend})`;
}

function statusWord(result: ExecutionResult): string {
  return enumWord(ExecutionStatus[result.status], 'EXECUTION_STATUS_');
}

function languageOf(file: string): Language {
  const extension = extname(file);
  if (extension === '.py' || file === '-') return Language.LANGUAGE_PYTHON;
  if (extension === '.js' || extension === '.mjs') return Language.LANGUAGE_JAVASCRIPT;
  throw new FlowError(
    'INVALID_ARGUMENT',
    'LANGUAGE_UNKNOWN',
    `${file} is neither Python (.py) nor JavaScript (.js)`,
  );
}
