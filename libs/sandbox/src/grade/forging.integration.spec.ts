import { beforeAll, describe, expect, it } from 'vitest';
import { CaseStatus, Integrity, VerdictStatus, type Verdict } from '@flowreasoner/contracts/sandbox';
import type { JailBackend } from '../adapters/jail/jail-backend.js';
import { FORGERS } from '../testing/forgers.js';
import { functionSuite, gradeOn, statuses, unittestSuite } from '../testing/gradings.js';
import { realJail } from '../testing/jail-runs.js';
import type { GradableIntegrity, GradableSuite } from './grade.js';

let jail: JailBackend;
beforeAll(async () => {
  jail = await realJail();
});

const FUNCTION = functionSuite(
  'add',
  [
    'def check(candidate):',
    '    assert candidate(2, 3) == 5',
    '    assert candidate(1.5, 2) == 3.5',
    '    assert not candidate(0, 0)',
  ].join('\n'),
);
const UNITTEST = unittestSuite(
  'add',
  [
    'import unittest',
    'class Tests(unittest.TestCase):',
    '    def test_1(self): self.assertEqual(add(2, 3), 5)',
    '    def test_2(self): self.assertEqual(add(1.5, 2), 3.5)',
    '    def test_3(self): self.assertFalse(add(0, 0))',
  ].join('\n'),
);

/** Pass in a shared process: what a candidate that shares an interpreter with its tests can do. */
const KNOWN_IN_SHARED_PROCESS = [
  'an object equal to everything',
  'an int that equals everything',
  'a dict that lies',
  'a float that lies',
  'operators on both sides',
  'a recorder that passes all',
  'a reporter found among the objects',
  'the code of the tests',
  'a trace function',
];

function gradeForger(name: string, suite: GradableSuite, integrity: GradableIntegrity): Promise<Verdict> {
  const limits = { wallMs: 15_000, memoryBytes: 256 * 1024 * 1024 };
  return gradeOn(jail, FORGERS[name] ?? '', suite, { integrity, limits, caseWallMs: 1000 });
}

describe.each([
  ['asserts', FUNCTION],
  ['unittest', UNITTEST],
] as const)('a candidate that forges before isolated %s', (_, suite) => {
  it.each(Object.keys(FORGERS))('%s does not pass', async (name) => {
    const verdict = await gradeForger(name, suite, Integrity.INTEGRITY_ISOLATED);
    expect(verdict.integrity).toBe(Integrity.INTEGRITY_ISOLATED);
    expect(verdict.total).toBe(3);
    expect([VerdictStatus.VERDICT_STATUS_FAILED, VerdictStatus.VERDICT_STATUS_ERROR]).toContain(
      verdict.status,
    );
    // The first two cases name values that only an honest sum has.
    expect(verdict.cases.slice(0, 2).map(({ status }) => status)).not.toContain(
      CaseStatus.CASE_STATUS_PASSED,
    );
  });
});

describe('a candidate that forges in a shared process', () => {
  it('passes by the known ways and no other', async () => {
    const passing = new Set<string>();
    const names = Object.keys(FORGERS);
    const next = names.values();
    const work = async (): Promise<void> => {
      for (const name of next) {
        for (const suite of [FUNCTION, UNITTEST]) {
          const verdict = await gradeForger(name, suite, Integrity.INTEGRITY_SHARED_PROCESS);
          expect(verdict.integrity, name).toBe(Integrity.INTEGRITY_SHARED_PROCESS);
          if (verdict.status === VerdictStatus.VERDICT_STATUS_PASSED) passing.add(name);
        }
      }
    };
    await Promise.all([work(), work()]);
    expect(names.filter((name) => passing.has(name))).toEqual(KNOWN_IN_SHARED_PROCESS);
  });
});

it('can not end a loop of the test by the exception that ends loops', async () => {
  const candidate = 'class Late(StopIteration): pass\ndef f(x): raise (Late if x > 1 else StopIteration)';
  const asserts = ['assert all(map(f, [1, 2]))', 'assert list(map(f, [2])) == []'];
  const verdict = await gradeOn(jail, candidate, functionSuite('f', '', asserts));
  expect(verdict).toMatchObject({ passed: 0, total: 2 });
  expect(verdict.cases.map(({ errorType }) => errorType)).toEqual(['StopIteration', 'Late']);
});

describe('an object in the place of a plain value', () => {
  const LIAR = [
    'class Liar:',
    '    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = lambda self, other: 0.0',
    '    __truediv__ = __floordiv__ = __mod__ = __pow__ = __xor__ = __and__ = __or__ = lambda self, other: 0.0',
    '    __contains__ = lambda self, item: True',
    '    __abs__ = lambda self: 0.0',
    'class Circle:',
    '    def __init__(self, radius): pass',
    '    def area(self): return Liar()',
    'def f(x): return Liar()',
  ].join('\n');

  it('is told no expected value, to compute with or to look for', async () => {
    const asserts = [
      'assert abs(Circle(1).area() - 3.14159) < 0.01',
      'assert abs(3.14159 - Circle(1).area()) < 0.01',
      'assert abs(f(1) - 3.14159) < 0.01',
      'assert 3 in f(1)',
      'assert f(1) % 2 == 0',
      'assert (f(1) ^ 5) == 0',
      'assert not (f(1) - 7)',
    ];
    const verdict = await gradeOn(jail, LIAR, functionSuite('Circle', '', asserts));
    expect(statuses(verdict)).toBe('e'.repeat(asserts.length));
    expect(verdict.cases[0]?.message).toContain('which only the candidate could judge');
  });

  it('is computed with where the test has made it itself', async () => {
    const honest = [
      'class Vector:',
      '    def __init__(self, x, y): self.x, self.y = x, y',
      '    def __add__(self, other): return Vector(self.x + other.x, self.y + other.y)',
      '    def __mul__(self, k): return Vector(self.x * k, self.y * k)',
      '    def __neg__(self): return Vector(-self.x, -self.y)',
      '    def __abs__(self): return (self.x ** 2 + self.y ** 2) ** 0.5',
      '    def __contains__(self, item): return item in (self.x, self.y)',
    ].join('\n');
    const asserts = [
      'assert (Vector(1, 2) + Vector(3, 4)).x == 4',
      'assert (Vector(1, 2) * 3).y == 6',
      'assert abs(-Vector(3, 4)) == 5',
      'assert 3 in Vector(3, 4) and 5 not in Vector(3, 4)',
      'assert (Vector(1, 2) + Vector(3, 4) + Vector(1, 1)).x == 5',
    ];
    const verdict = await gradeOn(jail, honest, functionSuite('Vector', '', asserts));
    expect(statuses(verdict)).toBe('p'.repeat(asserts.length));
  });
});
