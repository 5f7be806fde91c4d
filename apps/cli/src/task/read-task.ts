import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import { type Task, TaskKind } from '@flowreasoner/contracts/metaagent';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import { answerChecksOf } from './answer-checks.js';
import { humanEvalTask } from './humaneval.js';
import { decodeInput, decodeUtf8, MAX_TASK_BYTES, parseTaskFile, type TaskFile } from './task-file.js';
import { suiteOf } from './test-suite-file.js';

/** Largest data file of benchmark rows that is read, in bytes. */
const MAX_DATA_BYTES = 256 * 1024 * 1024;

/** Where a task comes from: exactly one of `task`, `query` or standard input. */
export interface TaskSource {
  /** A task file, `-` for standard input, or `humaneval:HumanEval/N`. */
  readonly task?: string | undefined;
  /** The query itself. */
  readonly query?: string | undefined;
  /** File of benchmark rows, for `humaneval:…`. */
  readonly data?: string | undefined;
}

/** A task and the hidden tests that go to the reward service only. */
export interface TaskInput {
  readonly task: Task;
  readonly hiddenTests?: Suite | undefined;
  readonly hiddenAnswer?: AnswerChecks | undefined;
}

/**
 * Reads the task that the command line names.
 *
 * @throws FlowError INVALID_ARGUMENT that says what is wrong with the input
 */
export async function readTask(source: TaskSource, stdin: NodeJS.ReadStream): Promise<TaskInput> {
  if (source.task !== undefined && source.query !== undefined) {
    throw new FlowError('INVALID_ARGUMENT', 'TASK_TWICE', '--task and --query exclude each other');
  }
  if (source.query !== undefined) return queryTask(decodeInput(Buffer.from(source.query), '--query'));
  const benchmark = /^humaneval:(.+)$/i.exec(source.task ?? '');
  if (benchmark?.[1] !== undefined) {
    if (source.data === undefined) {
      throw new FlowError('INVALID_ARGUMENT', 'DATA_MISSING', `--task ${source.task} needs --data FILE`, {
        hint: 'FILE holds HumanEval rows, one JSON object a line',
      });
    }
    const rows = decodeUtf8(await readBytes(source.data, MAX_DATA_BYTES), source.data);
    return toTaskInput(humanEvalTask(rows, benchmark[1], basename(source.data)));
  }
  if (source.task !== undefined && source.task !== '-') {
    const bytes = await readBytes(source.task, MAX_TASK_BYTES);
    return toTaskInput(parseTaskFile(decodeInput(bytes, source.task), source.task));
  }
  if (stdin.isTTY && source.task === undefined) {
    throw new FlowError('INVALID_ARGUMENT', 'TASK_MISSING', 'there is no query', {
      hint: 'give --task FILE, --query TEXT, or a query on standard input',
    });
  }
  const text = decodeInput(await readStream(stdin, MAX_TASK_BYTES, 'standard input'), 'standard input');
  return source.task === '-' ? toTaskInput(parseTaskFile(text, 'standard input')) : queryTask(text);
}

function queryTask(text: string): TaskInput {
  if (text.trim() === '') {
    throw new FlowError('INVALID_ARGUMENT', 'TASK_EMPTY', 'the query is empty', {
      hint: 'give --task FILE, --query TEXT, or a query on standard input',
    });
  }
  return toTaskInput({ id: 'query', problem: text });
}

function toTaskInput(file: TaskFile): TaskInput {
  const entryPoint = file.entry_point ?? '';
  const kinds = {
    code: TaskKind.TASK_KIND_CODE,
    math: TaskKind.TASK_KIND_MATH,
    question: TaskKind.TASK_KIND_QUESTION,
  };
  const task: Task = {
    id: file.id,
    kind: file.kind === undefined ? TaskKind.TASK_KIND_UNSPECIFIED : kinds[file.kind],
    problem: file.problem,
    entryPoint,
    visibleChecks:
      file.visible_checks === undefined || file.visible_checks.length === 0
        ? undefined
        : suiteOf(file.visible_checks, entryPoint, false),
    rewardTask: '',
    context: '',
    answerChecks: file.answer_checks && answerChecksOf(file.answer_checks),
  };
  if (file.hidden_answer !== undefined) return { task, hiddenAnswer: answerChecksOf(file.hidden_answer) };
  if (file.hidden_tests === undefined) return { task };
  return { task, hiddenTests: suiteOf(file.hidden_tests, entryPoint, true) };
}

/**
 * Reads a file, or standard input for `-`.
 *
 * @throws FlowError INVALID_ARGUMENT when it can't be read or has more than `limit` bytes
 */
export async function readInput(path: string, limit: number): Promise<Uint8Array> {
  return path === '-'
    ? await readStream(process.stdin, limit, 'standard input')
    : await readBytes(path, limit);
}

async function readBytes(path: string, limit: number): Promise<Uint8Array> {
  let info: Stats;
  try {
    info = await stat(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (info.isDirectory()) {
    throw new FlowError('INVALID_ARGUMENT', 'FILE_UNREADABLE', `${path} is a directory; a file is needed`);
  }
  try {
    return await readStream(createReadStream(path), limit, path);
  } catch (error) {
    throw error instanceof FlowError ? error : unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): FlowError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const why =
    code === 'ENOENT'
      ? 'does not exist'
      : code === 'EACCES'
        ? 'may not be read by this user'
        : `can't be read (${code})`;
  return new FlowError('INVALID_ARGUMENT', 'FILE_UNREADABLE', `${path} ${why}`);
}

async function readStream(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  name: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new FlowError(
        'INVALID_ARGUMENT',
        'INPUT_TOO_LARGE',
        `${name} has more than ${limit} bytes, which is the limit`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
