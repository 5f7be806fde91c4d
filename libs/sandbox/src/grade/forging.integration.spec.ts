import { beforeAll, describe, expect, it } from 'vitest';
import { CaseStatus, Integrity, VerdictStatus, type Verdict } from '@flowreasoner/contracts/sandbox';
import type { JailBackend } from '../adapters/jail/jail-backend.js';
import { FORGERS } from '../testing/forgers.js';
import { functionSuite, gradeOn, unittestSuite } from '../testing/gradings.js';
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
