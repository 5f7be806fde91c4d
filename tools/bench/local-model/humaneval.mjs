// HumanEval rows with the checks that their docstrings show.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../../../shared/data/humaneval.jsonl', import.meta.url));

export function humanEval() {
  if (!existsSync(file)) {
    console.error(`${file} is missing: this measurement needs HumanEval's rows and was not made.`);
    process.exit(69);
  }
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map((row) => ({
      id: row.task_id,
      problem: row.prompt,
      entry_point: row.entry_point,
      visible: docstringChecks(row.prompt, row.entry_point),
      hidden: row.test,
    }));
}

/** Assertions from `>>> f(x)` followed by a value, and from `f(x) == y`, `f(x) ➞ y` and the like. */
export function docstringChecks(problem, entryPoint) {
  const lines = problem.split('\n').map((line) => line.trim());
  const checks = [];
  lines.forEach((line, index) => {
    const prompt = /^>>>\s*(.+)$/.exec(line);
    const call = prompt?.[1] ?? line;
    if (!call.includes(`${entryPoint}(`)) return;
    const inline = new RegExp(`(${entryPoint}\\(.*\\))\\s*(?:==|=>|➞|->|→|=)\\s*(.+)$`).exec(call);
    const next = lines[index + 1] ?? '';
    if (inline && !line.startsWith('def ')) checks.push(`assert (${inline[1]}) == (${inline[2]})`);
    else if (prompt && next !== '' && !next.startsWith('>>>')) checks.push(`assert (${call}) == (${next})`);
  });
  return checks;
}
