import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { FlowError } from '@flowreasoner/rpc';
import { testsSchema } from './test-suite-file.js';

/** Largest task file that is read, in bytes. */
export const MAX_TASK_BYTES = 1024 * 1024;

const answers = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(16)]);

const answerSchema = z.union([
  z.strictObject({ math: answers }),
  z.strictObject({
    text: answers,
    measure: z.enum(['exact', 'f1', 'drop']).optional(),
    pass_score: z.number().gt(0).max(1).optional(),
  }),
  z.strictObject({ grader: z.string().min(1).max(40), data: z.string().max(65_536).optional() }),
]);

/** How an answer in text is judged, as written in a file. */
export type AnswerFile = z.infer<typeof answerSchema>;

const taskSchema = z.strictObject({
  id: z.string().min(1).max(200),
  kind: z.enum(['code', 'math', 'question']).optional(),
  problem: z.string().min(1).max(262_144),
  entry_point: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a Python name')
    .optional(),
  visible_checks: z.array(z.string().min(1)).max(1000).optional(),
  answer_checks: answerSchema.optional(),
  hidden_tests: testsSchema.optional(),
  hidden_answer: answerSchema.optional(),
});

/**
 * A task as written in a file: `visible_checks` are single `assert` statements;
 * `hidden_tests` is Python source that defines `check(candidate)`, a list of
 * `assert` statements, or an object of another form, see {@link testsSchema}. An answer in text is judged after each round by
 * `answer_checks`, and at the end by `hidden_answer`: `{math: …}` and `{text: …}`
 * hold one expected answer or several, `{grader: …}` names a grader of the server.
 */
export type TaskFile = z.infer<typeof taskSchema>;

/**
 * Reads a task from the text of a JSON or YAML file.
 *
 * @param text the file's text
 * @param name what to call the file in errors
 * @throws FlowError INVALID_ARGUMENT that lists every problem
 */
export function parseTaskFile(text: string, name: string): TaskFile {
  if (text.trim() === '') {
    throw new FlowError('INVALID_ARGUMENT', 'TASK_EMPTY', `${name} is empty`, {
      hint: 'a task has at least `id` and `problem`; examples/ has eight of them',
    });
  }
  let value: unknown;
  try {
    // JSON is a subset of YAML 1.2, so that one parser reads both.
    value = parseYaml(text, { maxAliasCount: 10, prettyErrors: true });
  } catch (error) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'TASK_SYNTAX',
      `${name} is neither JSON nor YAML: ${firstLine(error)}`,
    );
  }
  const result = taskSchema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
    );
    throw new FlowError('INVALID_ARGUMENT', 'TASK_INVALID', `${name} is not a task: ${problems.join('; ')}`, {
      hint: 'a task is {id, kind, problem, entry_point, visible_checks[], answer_checks, hidden_tests, hidden_answer}; examples/ has eight of them',
    });
  }
  return result.data;
}

/**
 * Decodes bytes as UTF-8.
 *
 * @throws FlowError INVALID_ARGUMENT when they are something else
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FlowError('INVALID_ARGUMENT', 'TASK_NOT_UTF8', `${name} is not UTF-8 text`, {
      hint: 'convert it first, for example with iconv',
    });
  }
}

/**
 * Decodes bytes of a task or query.
 *
 * @throws FlowError INVALID_ARGUMENT when they are too many or not UTF-8
 */
export function decodeInput(bytes: Uint8Array, name: string): string {
  if (bytes.byteLength > MAX_TASK_BYTES) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'TASK_TOO_LARGE',
      `${name} has ${bytes.byteLength} bytes; the limit is ${MAX_TASK_BYTES} (1 MiB)`,
    );
  }
  return decodeUtf8(bytes, name);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
