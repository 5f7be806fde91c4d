import { beforeAll, describe, expect, it } from 'vitest';
import type { JailBackend } from '../adapters/jail/jail-backend.js';
import { functionSuite, gradeOn, statuses } from '../testing/gradings.js';
import { realJail } from '../testing/jail-runs.js';

let jail: JailBackend;
beforeAll(async () => {
  jail = await realJail();
});

describe('what a candidate returns', () => {
  it.each([
    ['64 levels', 'x = []\n    for _ in range(63): x = [x]\n    return x', ''],
    ['one more', 'x = []\n    for _ in range(65): x = [x]\n    return x', 'nested deeper than 64'],
    ['many values', 'return [0] * 1_000_000', 'more than 1000000 values'],
    ['many items', 'return iter(range(100_001))', 'an iterator of more than 100000 items'],
    ['an endless iterator', 'import itertools\n    return itertools.count()', 'more than 100000 items'],
    ['a long text', 'return "x" * 9_000_000', 'bytes of data'],
    ['many objects', 'return [Box() for _ in range(10_001)]', 'more than 10000 objects of its classes'],
    ['a structure in itself', 'x = []\n    x.append(x)\n    return x', 'nested deeper than 64'],
    ['a subclass of int', 'return Int(5)', 'an object of class Int'],
    ['a subclass of list', 'return List([5])', 'an object of class List'],
    ['a function', 'return len', 'an object of class builtin_function_or_method'],
    ['a foreign object', 'import decimal\n    return decimal.Decimal(5)', 'an object of class Decimal'],
    ['what an argument can not hold', 'x.append(len)', 'into an argument an object of class builtin'],
  ])('crosses within its bounds: %s', async (_, body, message) => {
    const candidate = `class Box: pass\nclass Int(int): pass\nclass List(list): pass\ndef f(x):\n    ${body}`;
    const suite = functionSuite('f', '', ['assert f([]) is not None']);
    // The bounds end them, not the time, however busy the machine is.
    const verdict = await gradeOn(jail, candidate, suite, { caseWallMs: 15_000 });
    expect(statuses(verdict)).toBe(message === '' ? 'p' : 'e');
    expect(verdict.cases[0]?.message).toContain(message);
  });

  it('keeps its type: a boolean is not a number', async () => {
    const asserts = [
      'assert type(f(True)) is bool',
      'assert type(f(1)) is int',
      'assert type(f(1.0)) is float',
      'assert f((1,)) != [1]',
      'assert type(f(b"x")) is bytes',
      'assert f({1: {"a": {2, 3}}}) == {1: {"a": {2, 3}}}',
      'assert f(float("nan")) != f(float("nan"))',
      'assert f(float("inf")) == float("inf")',
      'assert f(-(10 ** 30)) == -(10 ** 30)',
      'assert f(default=1) == 7',
    ];
    const verdict = await gradeOn(jail, 'def f(x=7, default=0): return x', functionSuite('f', '', asserts));
    expect(statuses(verdict)).toBe('p'.repeat(asserts.length));
  });
});

it('changes only the containers that a test passes, to any depth', async () => {
  const candidate = 'def f(a, *, b):\n    a[0].append(1); a[1][0].add(2); b["k"].clear(); b["n"] = (3,)';
  const test = [
    'def check(c):',
    '    inner, fixed, b = [], ({1},), {"k": [9]}',
    '    a, held = [inner, fixed], b["k"]',
    '    assert c(a, b=b) is None',
    '    assert (a, b) == ([[1], ({1, 2},)], {"k": [], "n": (3,)})',
    '    assert (inner, held, fixed[0]) == ([1], [], {1, 2})',
  ].join('\n');
  expect(statuses(await gradeOn(jail, candidate, functionSuite('f', test)))).toBe('ppp');
});
