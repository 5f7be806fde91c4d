import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlowHome, type FlowResult } from './testing/flow-process.js';

let home: FlowHome;
beforeAll(async () => {
  home = await FlowHome.create();
});
afterAll(() => home.remove());

async function grade(tests: unknown, solution: string, ...args: string[]): Promise<FlowResult> {
  const [task, program] = [join(home.folder, 'task.json'), join(home.folder, 'solution.py')];
  await writeFile(
    task,
    JSON.stringify({ id: 't', problem: 'add', entry_point: 'add', ...(tests as object) }),
  );
  await writeFile(program, solution);
  return home.run(['grade', '--task', task, '--solution', program, ...args]);
}

const TESTS = { hidden_tests: ['assert add(1, 2) == 3', 'assert add(0, 0) == 0'] };
const UNITTEST =
  'import unittest\nclass T(unittest.TestCase):\n    def test_add(self): self.assertEqual(add(1, 2), 3)';

describe('flow grade', () => {
  it('exits with 0 when every case passes', async () => {
    const { code, lines } = await grade(TESTS, 'def add(a, b): return a + b', '--json');
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ verdict: 'passed', integrity: 'isolated', pass_rate: 1, passed: 2 }]);
    expect(lines[0]?.['isolations']).toEqual([expect.stringContaining('own pid,mount,ipc,uts')]);
  });

  it('exits with 2 when one does not, and shows it', async () => {
    const { code, stdout } = await grade(TESTS, 'def add(a, b): return 0');
    expect(code).toBe(2);
    expect(stdout).toContain('failed    assert add(1, 2) == 3');
    expect(stdout).toContain('expected 3, got 0');
    expect(stdout).toContain('✗ failed: 1 of 2 cases, isolated');
  });

  it('exits with 2 when the solution can not be loaded', async () => {
    const { code, lines } = await grade(TESTS, 'def add(a, b:', '--json');
    expect(code).toBe(2);
    expect(lines).toMatchObject([
      { verdict: 'error', pass_rate: 0, cases: [{ error_type: 'SyntaxError' }, {}] },
    ]);
  });

  it('takes unittest classes, and says when they share the process', async () => {
    const solution = 'def add(a, b): return a + b';
    const isolated = await grade({ hidden_tests: { unittest: UNITTEST } }, solution, '--json');
    expect(isolated.lines).toMatchObject([{ verdict: 'passed', integrity: 'isolated', total: 1 }]);
    const shared = { hidden_tests: { unittest: UNITTEST, integrity: 'shared_process' } };
    const { code, stdout } = await grade(shared, solution);
    expect([code, stdout.includes('can be forged')]).toEqual([0, true]);
  });

  it('refuses a task without tests, and a backend that is not there', async () => {
    const none = await grade({}, 'x = 1', '--json');
    expect([none.code, none.lines.at(-1)?.['reason']]).toEqual([64, 'TESTS_MISSING']);
    const backend = await grade(TESTS, 'x = 1', '--json', '--backend', 'none');
    expect([backend.code, backend.lines.at(-1)?.['reason']]).toEqual([64, 'BACKEND_UNKNOWN']);
  });
});
