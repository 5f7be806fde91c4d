// Benchmark rows as task files: the prompt, its public tests as visible checks,
// the official tests as hidden ones, never a solution.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const rows = (folder, name) => {
  const file = join(folder, `${name}.jsonl`);
  if (!existsSync(file)) throw new Error(`${file} is missing: --data names the folder that holds it`);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
};
const named = (test, entryPoint) => test.replaceAll(/\bcandidate\b/g, entryPoint);

/** The first problems of HumanEval. */
export function humanEval(folder, count) {
  const open = new Map(rows(folder, 'humaneval_public_test').map((row) => [row.problem_id, row.test]));
  return rows(folder, 'humaneval')
    .slice(0, count)
    .map(({ task_id: id, prompt, entry_point: entryPoint, test }) => ({
      id,
      kind: 'code',
      problem: prompt,
      entry_point: entryPoint,
      visible_checks: (open.get(id) ?? []).map((each) => named(each, entryPoint)),
      // Official tests may call what stands in the prompt before the function.
      hidden_tests: `${prompt.slice(0, Math.max(0, prompt.indexOf(`def ${entryPoint}(`)))}\n${test}`,
    }));
}

/** The first problems of sanitized MBPP's validation split. */
export function mbpp(folder, count) {
  const open = new Map(rows(folder, 'mbpp_public_test').map((row) => [row.entry_point, row.test]));
  return rows(folder, 'mbpp_validate')
    .slice(0, count)
    .map(({ task_id: id, prompt, entry_point: entryPoint, test_list: tests }) => ({
      id: `MBPP/${id}`,
      kind: 'code',
      problem: prompt,
      entry_point: entryPoint,
      visible_checks: (open.get(entryPoint) ?? []).map((each) => named(each, entryPoint)),
      hidden_tests: tests,
    }));
}
