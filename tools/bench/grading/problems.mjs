// Rows of benchmarks as problems: a solution, a suite, and a program that runs the official tests directly.
import { readFileSync } from 'node:fs';

/** All problems of a data file. */
export function problemsOf(file) {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  return rows.map(problemOf);
}

function problemOf(row) {
  if ('labels' in row) return bigCodeBench(row);
  return 'canonical_solution' in row ? humanEval(row) : mbpp(row);
}

function humanEval({ task_id: id, prompt, canonical_solution: body, test, entry_point: entryPoint }) {
  // Official tests may call the prompt's helpers: the prompt's own, not a candidate's.
  const helpers = prompt.slice(0, prompt.indexOf(`def ${entryPoint}(`));
  return {
    ...{ set: 'HumanEval', id, entryPoint, solution: prompt + body, passOnly: `${prompt}    pass\n` },
    suite: { function: { entryPoint, testCode: `${helpers}\n${test}`, asserts: [] } },
    direct: (candidate) => `${candidate}\n${test}\ncheck(${entryPoint})\nprint("direct: passed")\n`,
  };
}

function mbpp({ task_id, code, test, test_imports: imports = [], entry_point: entryPoint }) {
  const testCode = [...imports, test].join('\n');
  return {
    ...{ set: 'MBPP', id: `MBPP/${task_id}`, entryPoint, solution: code },
    passOnly: `def ${entryPoint}(*args, **kwargs):\n    pass\n`,
    suite: { function: { entryPoint, testCode, asserts: [] } },
    direct: (candidate) => `${candidate}\n${testCode}\ncheck()\nprint("direct: passed")\n`,
  };
}

function bigCodeBench({ id, content, canonical_solution: body, test, labels }) {
  const { entry_point: entryPoint } = JSON.parse(labels);
  const run = [
    'import sys as _sys',
    '_result = unittest.TextTestRunner(stream=_sys.stderr).run(unittest.defaultTestLoader.loadTestsFromModule(_sys.modules["__main__"]))',
    'print("direct: passed" if _result.testsRun and _result.wasSuccessful() else "direct: failed")',
  ].join('\n');
  return {
    ...{ set: 'BigCodeBench', id, entryPoint, solution: content + body, passOnly: `${content}    pass\n` },
    suite: { unittest: { entryPoint, testCode: test } },
    direct: (candidate) => `${candidate}\n${test}\n${run}\n`,
  };
}
