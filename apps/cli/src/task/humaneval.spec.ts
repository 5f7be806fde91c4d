import { describe, expect, it } from 'vitest';
import { humanEvalTask } from './humaneval.js';

const row = {
  task_id: 'HumanEval/7',
  prompt: 'import math\n\n\ndef f(x):\n    """>>> f(1)\n    2"""\n',
  entry_point: 'f',
  canonical_solution: '    return x + 1  # SECRET\n',
  test: 'def check(candidate):\n    assert candidate(1) == 2\n',
};
const lines = `${JSON.stringify({ ...row, task_id: 'HumanEval/70' })}\n${JSON.stringify(row)}\n`;

describe('humanEvalTask', () => {
  it('takes the prompt as problem and the official test as hidden tests, and never the solution', () => {
    const task = humanEvalTask(lines, 'HumanEval/7', 'data.jsonl');
    expect(task).toEqual({
      id: 'HumanEval/7',
      kind: 'code',
      problem: row.prompt,
      entry_point: 'f',
      hidden_tests: `import math\n\n\n\n${row.test}`,
    });
    expect(JSON.stringify(task)).not.toContain('SECRET');
  });

  it('says when there is no such row, or no such form', () => {
    expect(() => humanEvalTask(lines, 'HumanEval/8', 'data.jsonl')).toThrow(
      'no row with task_id HumanEval/8',
    );
    expect(() => humanEvalTask('{"task_id":"HumanEval/7"', 'HumanEval/7', 'data.jsonl')).toThrow(
      'data.jsonl:1',
    );
    expect(() => humanEvalTask('{"task_id":"HumanEval/7"}', 'HumanEval/7', 'data.jsonl')).toThrow(
      'not a HumanEval row',
    );
  });
});
