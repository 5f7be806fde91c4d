import { extname } from 'node:path';
import {
  type ExecutionResult,
  ExecutionStatus,
  ExecuteRequest,
  Language,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, unary } from '@flowreasoner/rpc';
import { withSandbox } from '../embedded/with-sandbox.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { enumWord } from '../output/json-events.js';
import { seconds } from '../output/words.js';
import { readInput } from '../task/read-task.js';
import { parseLimits } from './parse-limits.js';

const MAX_SOURCE_BYTES = 1024 * 1024;
const MAX_STDIN_BYTES = 8 * 1024 * 1024;
const LANGUAGES = { python: Language.LANGUAGE_PYTHON, javascript: Language.LANGUAGE_JAVASCRIPT };

/** Options of `flow exec`. */
export interface ExecOptions {
  readonly language?: 'python' | 'javascript';
  readonly backend?: string;
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
  const language = languageOf(file, options.language);
  const limits = options.limit === undefined ? undefined : parseLimits(options.limit);
  const source = await readInput(file, MAX_SOURCE_BYTES);
  const stdin =
    options.stdin === undefined ? new Uint8Array() : await readInput(options.stdin, MAX_STDIN_BYTES);
  const request = ExecuteRequest.fromPartial({
    execution: {
      language,
      source: Buffer.from(source),
      stdin: Buffer.from(stdin),
      backend: options.backend ?? '',
      ...(limits === undefined ? {} : { limits }),
    },
  });
  return withSandbox(options.backend, async (client, signal) => {
    const { result } = await unary(client, 'execute', request, { deadlineMs: Infinity, signal });
    if (result === undefined)
      throw new FlowError('INTERNAL', 'EXECUTION_EMPTY', 'the sandbox gave no result');
    return show(result, options.json === true);
  });
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
    queue_ms: result.queueMs,
    setup_ms: result.setupMs,
    peak_memory_bytes: Number(result.peakMemoryBytes),
    limits: limitsJson(result),
    backend: result.backend,
    isolation: result.isolation,
  };
}

function limitsJson({ limits }: ExecutionResult): object | null {
  if (limits === undefined) return null;
  return {
    wall_ms: limits.wallMs,
    cpu_ms: limits.cpuMs,
    memory_bytes: Number(limits.memoryBytes),
    processes: limits.processes,
    output_bytes: limits.outputBytes,
    disk_bytes: Number(limits.diskBytes),
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

function languageOf(file: string, named: ExecOptions['language']): Language {
  if (named !== undefined) return LANGUAGES[named];
  const extension = extname(file);
  if (extension === '.py' || file === '-') return Language.LANGUAGE_PYTHON;
  if (['.js', '.cjs', '.mjs'].includes(extension)) return Language.LANGUAGE_JAVASCRIPT;
  throw new FlowError(
    'INVALID_ARGUMENT',
    'LANGUAGE_UNKNOWN',
    `${file} is neither Python (.py) nor JavaScript (.js)`,
    { hint: 'name its language: --language python or --language javascript' },
  );
}
