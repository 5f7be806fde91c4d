import { Integrity, VerdictStatus, type Verdict } from '@flowreasoner/contracts/sandbox';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JailBackend } from '../adapters/jail/jail-backend.js';
import { functionSuite, gradeOn, statuses, unittestSuite, type GradingOptions } from '../testing/gradings.js';
import { realJail } from '../testing/jail-runs.js';

const { INTEGRITY_ISOLATED, INTEGRITY_SHARED_PROCESS } = Integrity;
const { VERDICT_STATUS_PASSED, VERDICT_STATUS_ERROR } = VerdictStatus;

let jail: JailBackend;
beforeAll(async () => {
  jail = await realJail();
});

/** Grades by the methods of one test class; each line is a statement of the class. */
function gradeClass(
  candidate: string,
  methods: readonly string[],
  options: GradingOptions = {},
  entryPoint = 'f',
): Promise<Verdict> {
  const lines = methods.flatMap((text) => text.split('\n')).map((line) => `    ${line}`);
  const code = ['import unittest', 'class Tests(unittest.TestCase):', ...lines].join('\n');
  return gradeOn(jail, candidate, unittestSuite(entryPoint, code), options);
}

describe.each([
  ['in two jails', INTEGRITY_ISOLATED],
  ['in one process', INTEGRITY_SHARED_PROCESS],
] as const)('a unittest suite %s', (_, integrity) => {
  it('takes each test method as a case and says how it went', async () => {
    const candidate = 'def f(x):\n    if x == 3: raise KeyError(x)\n    return x if x < 2 else -x';
    const methods = [1, 2, 3].map((x) => `def test_${x}(self): self.assertEqual(f(${x}), ${x})`);
    const verdict = await gradeClass(candidate, methods, { integrity });
    expect(statuses(verdict)).toBe('pfe');
    expect(verdict).toMatchObject({ integrity, passed: 1, total: 3 });
    expect(verdict.cases.map(({ source }) => source)).toEqual([
      'Tests.test_1',
      'Tests.test_2',
      'Tests.test_3',
    ]);
    expect(verdict.cases[1]?.message).toContain('-2 != 2');
    expect(verdict.cases[2]?.errorType).toBe('KeyError');
  });

  it('supports fixtures, sub-tests, assertRaises, patches of its own, temporary files and asyncio', async () => {
    const code = [
      'import asyncio, os, tempfile, time, unittest',
      'from unittest.mock import patch',
      'calls = []',
      'def setUpModule(): calls.append("module")',
      'class Base(unittest.TestCase):',
      '    @classmethod',
      '    def setUpClass(cls): cls.shared = f(20)',
      '    def setUp(self): self.values = [3, 1]; self.addCleanup(calls.append, "cleaned")',
      '    def tearDown(self): calls.append("down")',
      '    def test_fixtures(self):',
      '        self.assertEqual((self.shared, self.values, calls[0]), (21, [3, 1], "module"))',
      '    def test_raises(self):',
      '        with self.assertRaises(ValueError) as caught: f(-1)',
      '        self.assertEqual(str(caught.exception), "negative")',
      '        with self.assertRaisesRegex(Odd, "odd"): f(None)',
      'class Tests(Base):',
      '    def test_subtests(self):',
      '        for n in range(5):',
      '            with self.subTest(n=n): self.assertEqual(f(n), n + 1)',
      '    @patch("time.time", return_value=7)',
      '    def test_patch(self, clock): self.assertEqual(f(time.time()), 8)',
      '    def test_files(self):',
      '        with tempfile.TemporaryDirectory() as folder:',
      '            with open(os.path.join(folder, "a"), "w") as file: file.write(str(f(1)))',
      '            with open(os.path.join(folder, "a")) as file: self.assertEqual(file.read(), "2")',
      '    @unittest.skip("never")',
      '    def test_skipped(self): self.fail()',
      '    @unittest.expectedFailure',
      '    def test_expected_failure(self): self.assertEqual(f(1), 1)',
      'class Later(unittest.IsolatedAsyncioTestCase):',
      '    async def test_async(self):',
      '        await asyncio.sleep(0)',
      '        self.assertEqual(f(1), 2)',
    ].join('\n');
    const candidate = [
      'class Odd(Exception): pass',
      'def f(x):',
      '    if x is None: raise Odd("odd")',
      '    if x < 0: raise ValueError("negative")',
      '    return x + 1',
    ].join('\n');
    const verdict = await gradeOn(jail, candidate, unittestSuite('f', code), { integrity });
    expect(verdict.cases.filter(({ message }) => message !== '')).toEqual([]);
    expect(verdict).toMatchObject({ status: VERDICT_STATUS_PASSED, total: 9 });
  });

  it('drives simple classes', async () => {
    const candidate = [
      'class Empty(Exception):',
      '    def __init__(self, code): super().__init__("empty"); self.code = code',
      'class Stack:',
      '    limit = 9',
      '    def __init__(self, items=()): self.items = list(items); self.name = "s"',
      '    def push(self, item, *, times=1): self.items += [item] * times; return self',
      '    def pop(self):',
      '        if not self.items: raise Empty(3)',
      '        return self.items.pop()',
      '    def __len__(self): return len(self.items)',
      '    def __contains__(self, item): return item in self.items',
      '    def __iter__(self): return iter(self.items)',
      '    def __getitem__(self, at): return self.items[at]',
      '    @staticmethod',
      '    def of(*items): return Stack(items)',
      '    @property',
      '    def top(self): return self.items[-1]',
      'def merged(one, other): return Stack([*one, *other])',
    ].join('\n');
    const methods = [
      'def test_methods(self):\n    s = Stack()\n    s.push(1).push(2, times=2)\n    self.assertEqual((s.pop(), len(s), s[0], list(s)), (2, 2, 1, [1, 2]))',
      'def test_attributes(self):\n    s = Stack([5])\n    s.name = "t"\n    self.assertEqual((s.name, s.items, s.top, Stack.limit), ("t", [5], 5, 9))',
      'def test_membership(self):\n    self.assertIn(2, Stack([2])); self.assertFalse(Stack()); self.assertTrue(Stack([0]))',
      'def test_errors(self):\n    with self.assertRaises(Empty) as caught: Stack().pop()\n    self.assertEqual(caught.exception.code, 3)',
      'def test_kinds(self):\n    self.assertIsInstance(Stack.of(1, 2), Stack)\n    self.assertNotIsInstance(5, Stack)',
      'def test_passing(self):\n    self.assertEqual(list(merged(Stack([1]), Stack([2]))), [1, 2])',
      'def test_missing(self):\n    with self.assertRaises(AttributeError): Stack().nothing',
    ];
    const verdict = await gradeClass(candidate, methods, { integrity }, 'Stack');
    expect(verdict.cases.filter(({ message }) => message !== '')).toEqual([]);
    expect(verdict.status).toBe(VERDICT_STATUS_PASSED);
  });

  it('goes on after a test in which the candidate hangs, dies or interrupts', async () => {
    const candidate =
      'import os, time\ndef f(x):\n    if x == 1: time.sleep(60)\n    if x == 2: os._exit(0)\n    if x == 3: raise KeyboardInterrupt\n    return x';
    const methods = [0, 1, 2, 3, 4].map((x) => `def test_${x}(self): self.assertEqual(f(${x}), ${x})`);
    const verdict = await gradeClass(candidate, methods, { integrity, caseWallMs: 500 });
    expect(statuses(verdict)).toBe('pteep');
    expect(verdict.cases[2]?.errorType).toBe('CandidateDied');
  });

  it('says why a suite or a candidate is unusable', async () => {
    const run = (candidate: string, code: string): Promise<Verdict> =>
      gradeOn(jail, candidate, unittestSuite('f', code), { integrity });
    const tests = 'import unittest\nclass T(unittest.TestCase):\n    def test_a(self): f()\n';
    const cases: [string, string, string][] = [
      ['def f(): pass', 'x = 1', 'declares no case'],
      ['def f(): pass', 'class T(:', 'test_code is not Python'],
      ['def f(): pass', `import no_such_module\n${tests}`, 'ModuleNotFoundError'],
      ['def f(:', tests, 'SyntaxError'],
      ['import os; os._exit(0)', tests, 'exited with code 0'],
      ['g = 1', tests, "no function named 'f'"],
    ];
    for (const [candidate, code, message] of cases) {
      const verdict = await run(candidate, code);
      expect(verdict.status).toBe(VERDICT_STATUS_ERROR);
      expect(verdict.message).toContain(message);
    }
  });

  it('tells only counts and enums of a hidden suite', async () => {
    const secret = 'swordfish';
    const method = `def test_${secret}(self): self.assertEqual(f("${secret}"), "${secret}!")`;
    const candidates = ['def f(x): return x', 'def f(x): raise ValueError(x)', 'import nothing'];
    for (const candidate of [
      ...candidates,
      'import os\ndef f(x): print(x); os.write(2, x.encode()); os._exit(1)',
    ]) {
      const verdict = await gradeClass(candidate, [method], { integrity, hidden: true });
      expect(JSON.stringify(verdict)).not.toContain(secret);
      expect(verdict).toMatchObject({ message: '', cases: [{ message: '', errorType: '', wallMs: 0 }] });
    }
  });
});

describe('a unittest suite that two jails can not judge', () => {
  it.each([
    ['asks whether objects are one', 'def test_a(self):\n    x = [1]\n    self.assertIsNot(f(x), x)'],
    ['asks so in an expression', 'def test_a(self):\n    x = [1]\n    self.assertTrue(f(x) is not x)'],
    ['compares objects of the candidate', 'def test_a(self): self.assertNotEqual(f(1), Box(2))'],
    ['passes a function', 'def test_a(self): self.assertRaises(Exception, f, lambda: 1)'],
    [
      'patches the candidate',
      'def test_a(self):\n    from unittest.mock import patch\n    with patch.object(Box, "x", 1): pass',
    ],
  ])('and %s errs there, and passes in one process', async (_, method) => {
    const candidate =
      'class Box:\n    x = 0\n    def __init__(self, v): self.v = v\ndef f(v):\n    if callable(v): raise TypeError\n    return Box(v) if v == 1 else list(v)';
    const isolated = await gradeClass(candidate, [method]);
    expect(isolated.cases[0]).toMatchObject({ errorType: 'Uncrossable' });
    expect(statuses(isolated)).toBe('e');
    const shared = await gradeClass(candidate, [method], { integrity: INTEGRITY_SHARED_PROCESS });
    expect(statuses(shared)).toBe('p');
  });

  it('takes no object that answers for itself where the suite names no class', async () => {
    const candidate =
      'class Any:\n    def __contains__(self, item): return True\n    def __len__(self): return 1\ndef f(): return Any()';
    const methods = [
      'def test_in(self): self.assertIn(3, f())',
      'def test_true(self): self.assertTrue(f())',
      'def test_made(self): self.assertTrue(f.anything)',
    ];
    expect(statuses(await gradeClass(candidate, methods))).toBe('eee');
    const shared = await gradeClass(candidate, methods, { integrity: INTEGRITY_SHARED_PROCESS });
    expect(statuses(shared)).toBe('pep');
  });

  it('has shared files in one process only', async () => {
    const candidate = 'def f(name):\n    with open(name, "w") as file: file.write("x")';
    const method =
      'def test_a(self):\n    import os\n    f("out.txt")\n    self.assertTrue(os.path.exists("out.txt"))';
    expect(statuses(await gradeClass(candidate, [method]))).toBe('f');
    const shared = await gradeClass(candidate, [method], { integrity: INTEGRITY_SHARED_PROCESS });
    expect(statuses(shared)).toBe('p');
  });
});

describe('a fault', () => {
  it.each([
    ['what can not cross', 'def f(): return object()'],
    ['an exit', 'import os\ndef f(): os._exit(0)'],
    ['too long a time', 'import time\ndef f(): time.sleep(60)'],
  ])('decides its case though the test expects any exception: %s', async (_, candidate) => {
    const methods = [
      'def test_raises(self):\n    with self.assertRaises(Exception): f()',
      'def test_any(self):\n    with self.assertRaises(BaseException): f()',
      'def test_caught(self):\n    try: f()\n    except: pass',
      '@unittest.expectedFailure\ndef test_expected(self): f()',
    ];
    const verdict = await gradeClass(candidate, methods, { caseWallMs: 300 });
    expect(verdict.passed).toBe(0);
    const asserts = 'def check(c):\n    try: c()\n    except BaseException: pass\n    assert True\n';
    expect((await gradeOn(jail, candidate, functionSuite('f', asserts), { caseWallMs: 300 })).passed).toBe(0);
  });
});

it('gives files to candidate and tests', async () => {
  const files = [{ path: 'data/words.txt', data: Buffer.from('one two') }];
  const candidate = 'def f():\n    with open("data/words.txt") as file: return file.read()';
  const method =
    'def test_a(self):\n    with open("data/words.txt") as file: self.assertEqual(f(), file.read())';
  for (const integrity of [INTEGRITY_ISOLATED, INTEGRITY_SHARED_PROCESS] as const) {
    expect(statuses(await gradeClass(candidate, [method], { integrity, files }))).toBe('p');
  }
});
