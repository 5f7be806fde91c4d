import { beforeAll, describe, expect, it } from 'vitest';
import {
  CaseStatus,
  Integrity,
  VerdictStatus,
  WhitespaceRule,
  type Verdict,
} from '@flowreasoner/contracts/sandbox';
import type { JailBackend } from '../adapters/jail/jail-backend.js';
import { functionSuite, gradeOn, statuses, type GradingOptions } from '../testing/gradings.js';
import { realJail } from '../testing/jail-runs.js';
import type { GradableSuite } from './grade.js';

let jail: JailBackend;
beforeAll(async () => {
  jail = await realJail();
});

function gradeWith(candidate: string, suite: GradableSuite, options?: GradingOptions): Promise<Verdict> {
  return gradeOn(jail, candidate, suite, options);
}

const ADD = functionSuite(
  'add',
  'def check(candidate):\n    for a in range(20):\n        assert candidate(a, 1) == a + 1\n    assert candidate(1.5, 2) == 3.5\n',
);

describe('a function suite', () => {
  it('passes a right candidate', async () => {
    const verdict = await gradeWith('def add(a, b): return a + b', ADD);
    expect(verdict).toMatchObject({
      ...{ status: VerdictStatus.VERDICT_STATUS_PASSED, integrity: Integrity.INTEGRITY_ISOLATED },
      ...{ passed: 2, total: 2, passRate: 1, message: '', backend: 'jail' },
    });
    expect(verdict.cpuMs).toBeGreaterThan(0);
  });

  it('goes on after a case that fails, errs, times out or dies, and shows each', async () => {
    const candidate = [
      'import os, time',
      'def f(x):',
      '    if x == 1: return "wrong"',
      '    if x == 2: return [][0]',
      '    if x == 3: time.sleep(60)',
      '    if x == 4: os._exit(0)',
      '    return x',
    ].join('\n');
    const asserts = [0, 1, 2, 3, 4, 5].map((x) => `assert f(${x}) == ${x}`);
    const verdict = await gradeWith(candidate, functionSuite('f', '', asserts), { caseWallMs: 400 });
    expect(statuses(verdict)).toBe('pfetep');
    expect(verdict).toMatchObject({ status: VerdictStatus.VERDICT_STATUS_FAILED, passed: 2, total: 6 });
    expect(verdict.cases[1]).toMatchObject({
      ...{ source: 'assert f(1) == 1', expected: '1', actual: "'wrong'" },
      message: "expected 1, got 'wrong'",
    });
    expect(verdict.cases[2]).toMatchObject({
      errorType: 'IndexError',
      message: 'IndexError: list index out of range',
    });
    expect(verdict.cases[3]?.wallMs).toBeGreaterThanOrEqual(380);
    expect(verdict.cases[4]).toMatchObject({
      errorType: 'CandidateDied',
      message: 'the process exited with code 0',
    });
  });

  it('crosses every plain value and keeps its type', async () => {
    const values = [
      'None',
      'True',
      '0',
      '-7',
      '10 ** 400',
      '2 ** 63',
      '1.5',
      'float("inf")',
      '-0.0',
      '"text \\ud800 é"',
      "b'\\x00\\xff'",
      'bytearray(b"x")',
      '[1, [2, (3, {4})]]',
      '{(1, 2): {"a": None}}',
      'frozenset({1})',
      'set()',
      '()',
      'range(1, 9, 2)',
      'complex(1, -2)',
      '__import__("collections").Counter("aab")',
      '__import__("collections").deque([1, 2], 5)',
      '__import__("collections").OrderedDict(a=1)',
    ];
    const asserts = values.flatMap((value) => [
      `assert echo(${value}) == ${value}`,
      `assert type(echo(${value})) is type(${value})`,
    ]);
    asserts.push('assert str(echo(float("nan"))) == "nan"', 'assert echo(x=1, y=[2]) == {"x": 1, "y": [2]}');
    const candidate = 'def echo(*args, **kwargs): return args[0] if args else kwargs';
    const verdict = await gradeWith(candidate, functionSuite('echo', '', asserts));
    expect(verdict.cases.filter(({ status }) => status !== CaseStatus.CASE_STATUS_PASSED)).toEqual([]);
  });

  it('supports mutation, exceptions by type, generators, several functions and keyword arguments', async () => {
    const candidate = [
      'class Special(ValueError): pass',
      'def sort(values, *, reverse=False):',
      '    values.sort(reverse=reverse); values[0].append("first")',
      'def fail(kind):',
      '    raise {"key": KeyError("k"), "special": Special("why")}[kind]',
      'def count(n):',
      '    yield from range(n)',
      'def half(x): return x / 2',
    ].join('\n');
    const test = [
      'def check(candidate):',
      '    data = [[2], [1]]; inner = data[1]',
      '    assert candidate(data, reverse=False) is None',
      '    assert data == [[1, "first"], [2]]',
      '    try:',
      '        fail("key"); reached = "no error"',
      '    except KeyError as error: reached = error.args',
      '    assert reached == ("k",)',
      '    try:',
      '        fail("special"); reached = "no error"',
      '    except ValueError as error: reached = type(error).__name__, str(error)',
      '    assert reached == ("Special", "why")',
      '    assert list(count(3)) == [0, 1, 2]',
      '    assert next(count(1)) == 0',
      '    assert math.isclose(half(3), 1.5)',
      '    assert not half(0)',
    ].join('\n');
    const verdict = await gradeWith(candidate, functionSuite('sort', test));
    expect(verdict.cases.filter(({ status }) => status !== CaseStatus.CASE_STATUS_PASSED)).toEqual([]);
    expect(verdict.total).toBe(8);
  });

  it('calls a check that takes no candidate', async () => {
    const test = 'def check():\n    assert f(1) == 1\n    assert f(2) == 3\n';
    expect(statuses(await gradeWith('def f(x): return x', functionSuite('f', test)))).toBe('pf');
  });

  it('does not pass an assert that was never reached', async () => {
    const test =
      'def check(candidate):\n    for x in candidate():\n        assert x > 0\n    assert candidate() is not None\n';
    const verdict = await gradeWith('def f(): return []', functionSuite('f', test));
    expect(statuses(verdict)).toBe('-p');
    expect(verdict.status).toBe(VerdictStatus.VERDICT_STATUS_FAILED);
  });

  it('takes a check without asserts of its own as one case', async () => {
    const test = [
      'def close(a, b):',
      '    assert abs(a - b) < 1e-6',
      'def check(candidate):',
      '    for x in (1, 2): close(candidate(x), x)',
    ].join('\n');
    expect((await gradeWith('def f(x): return x', functionSuite('f', test))).status).toBe(
      VerdictStatus.VERDICT_STATUS_PASSED,
    );
    const wrong = await gradeWith('def f(x): return 1', functionSuite('f', test));
    expect(wrong).toMatchObject({ passed: 0, total: 1, status: VerdictStatus.VERDICT_STATUS_FAILED });
  });

  it('runs out of time as a whole: the case in hand times out, the rest is not run', async () => {
    const asserts = [0, 1, 2, 3].map((x) => `assert f(${x}) == ${x}`);
    const verdict = await gradeWith(
      'import time\ndef f(x):\n    if x == 1: time.sleep(60)\n    return x',
      functionSuite('f', '', asserts),
      { limits: { wallMs: 900 }, caseWallMs: 20_000 },
    );
    expect(statuses(verdict)).toBe('pt--');
    expect(verdict.wallMs).toBeLessThan(1500);
  });

  it.each([
    ['a syntax error', 'def f(:', 'SyntaxError'],
    ['an error at import', 'import no_such_module', 'ModuleNotFoundError'],
    ['no such function', 'def g(): pass', "no function named 'f'"],
    ['an exit at import', 'import os; os._exit(0)', 'exited with code 0'],
    ['a loop at import', 'while True: pass', 'loading took longer'],
    ['an exit with success', 'raise SystemExit(0)', 'SystemExit'],
  ])('says why a candidate with %s cannot be loaded', async (_, candidate, message) => {
    const verdict = await gradeWith(
      candidate,
      functionSuite('f', '', ['assert f() == 1', 'assert f() == 2']),
      {
        caseWallMs: 700,
      },
    );
    expect(verdict).toMatchObject({ status: VerdictStatus.VERDICT_STATUS_ERROR, passed: 0, total: 2 });
    expect(verdict.message).toContain(message);
  });

  it.each([
    ['a syntax error', 'def check(:', [], 'test_code is not Python'],
    ['something else than an assert', '', ['print(1)'], 'asserts[0] is not a single assert'],
    ['no case at all', 'x = 1', [], 'declares no case'],
    ['an error of its own', 'import no_such_module\nassert f() == 1', [], 'ModuleNotFoundError'],
    ['an end of its own', 'import os\nassert f() == 1\nos._exit(0)', [], 'did not run to its end'],
  ])('says why a suite with %s is unusable', async (_, testCode, asserts, message) => {
    const verdict = await gradeWith('def f(): return 1', functionSuite('f', testCode, asserts));
    expect(verdict.status).toBe(VerdictStatus.VERDICT_STATUS_ERROR);
    expect(verdict.message).toContain(message);
  });

  it('tells only counts and enums of a hidden suite', async () => {
    const secret = 'swordfish';
    const suite = functionSuite('f', `def check(c):\n    assert c("${secret}") == "${secret}!"\n`);
    for (const candidate of ['def f(x): return x', 'def f(x): raise ValueError(x)', 'import nothing']) {
      const verdict = await gradeWith(candidate, suite, { hidden: true });
      expect(JSON.stringify(verdict)).not.toContain(secret);
      expect(verdict.cases).toEqual([
        {
          ...{ index: 0, status: verdict.cases[0]?.status, source: '', expected: '', actual: '' },
          ...{ errorType: '', message: '', wallMs: 0 },
        },
      ]);
      expect(verdict.message).toBe('');
    }
  });

  it('ends within 200 ms of a cancel', async () => {
    const cancel = new AbortController();
    const running = gradeWith('def f():\n    while True: pass', functionSuite('f', '', ['assert f() == 1']), {
      signal: cancel.signal,
      caseWallMs: 10_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const before = performance.now();
    cancel.abort();
    await running;
    expect(performance.now() - before).toBeLessThan(200);
  });
});

describe('other suites', () => {
  it('compare JSON values strictly', async () => {
    const cases = [
      ['[[1, 2]]', '[1, 2]'],
      ['[true]', 'true'],
      ['[{"a": [1.5, null]}]', '{"a": [1.5, null]}'],
      ['[1]', 'true'],
    ].map(([argumentsJson = '', expectedJson = '']) => ({ argumentsJson, expectedJson }));
    const suite: GradableSuite = { $case: 'values', value: { entryPoint: 'f', cases } };
    expect(statuses(await gradeWith('def f(x): return tuple(x) if type(x) is list else x', suite))).toBe(
      'pppf',
    );
    expect(statuses(await gradeWith('def f(x): raise KeyError(1)', suite))).toBe('eeee');
  });

  it('compare printed output', async () => {
    const cases = [
      { stdin: '2 3\n', stdout: '5.0\n' },
      { stdin: '1 1\n', stdout: '2.0000001' },
      { stdin: 'x\n', stdout: '1' },
    ];
    const candidate = 'a, b = map(int, input().split())\nprint(float(a + b), "  ")\nprint()';
    const run = (tolerance: number) =>
      gradeWith(candidate, {
        $case: 'stdio',
        value: { cases, tolerance, whitespace: WhitespaceRule.WHITESPACE_RULE_TRAILING },
      });
    const exact = await run(0);
    expect(statuses(exact)).toBe('pfe');
    expect(exact.cases[2]?.errorType).toBe('ValueError');
    expect(statuses(await run(1e-6))).toBe('ppe');
  });
});
