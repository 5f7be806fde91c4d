import { z } from 'zod';
import { FlowError } from '@flowreasoner/rpc';
import type { TaskFile } from './task-file.js';

const rowSchema = z.object({
  task_id: z.string(),
  prompt: z.string().min(1),
  entry_point: z.string().min(1),
  test: z.string().min(1),
});

/**
 * Finds a HumanEval row and makes a task of it. The canonical solution is
 * dropped; the docstring's own examples, which the run finds in the problem
 * itself, are the only visible checks.
 *
 * @param lines text of the data file, one JSON row a line
 * @param taskId such as `HumanEval/2`
 * @throws FlowError INVALID_ARGUMENT when the row is missing or malformed
 */
export function humanEvalTask(lines: string, taskId: string, fileName: string): TaskFile {
  for (const [index, line] of lines.split('\n').entries()) {
    if (!line.includes(JSON.stringify(taskId))) continue;
    const row = rowSchema.safeParse(parseJson(line, `${fileName}:${index + 1}`));
    if (!row.success) {
      throw new FlowError(
        'INVALID_ARGUMENT',
        'DATA_ROW_INVALID',
        `${fileName}:${index + 1} is not a HumanEval row`,
      );
    }
    if (row.data.task_id !== taskId) continue;
    return {
      id: taskId,
      kind: 'code',
      problem: row.data.prompt,
      entry_point: row.data.entry_point,
      // Official tests may call the prompt's helpers; they must be the prompt's own, not a candidate's.
      hidden_tests: `${helpersOf(row.data.prompt, row.data.entry_point)}\n${row.data.test}`,
    };
  }
  throw new FlowError('INVALID_ARGUMENT', 'TASK_NOT_FOUND', `${fileName} has no row with task_id ${taskId}`, {
    hint: 'rows of HumanEval are named HumanEval/0 to HumanEval/163',
  });
}

/** What stands in a prompt before the function that is asked for. */
function helpersOf(prompt: string, entryPoint: string): string {
  return prompt.slice(0, Math.max(0, prompt.indexOf(`def ${entryPoint}(`)));
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new FlowError('INVALID_ARGUMENT', 'DATA_ROW_INVALID', `${where} is not JSON`);
  }
}
