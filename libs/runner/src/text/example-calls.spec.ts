import { describe, expect, it } from 'vitest';
import { derivedCalls, exampleCalls } from './example-calls.js';

describe('exampleCalls', () => {
  it('finds calls with literal arguments in doctests, asserts and prose', () => {
    const text = `def f(x, y=0):
    """For example f([1, 2], y=-1) is 3.
    >>> f("a(b", (1, {2: None}))
    True
    """
    return f(x - 1)

assert f(1) == 2 and g(2)
assert candidate(3)[0] == 1
f(1)`;
    expect(exampleCalls(text, 'f', 10)).toEqual([
      'f([1, 2], y=-1)',
      'f("a(b", (1, {2: None}))',
      'f(1)',
      'f(3)',
    ]);
  });

  it('leaves out what is not literal, not whole or beyond the limit', () => {
    expect(exampleCalls('f(x) f(g(1)) f(1 f([1, f(2)', 'f', 10)).toEqual(['f(2)']);
    expect(exampleCalls('f(1) f(2) f(3)', 'f', 2)).toEqual(['f(1)', 'f(2)']);
    expect(exampleCalls('f(1)', 'f|.', 2)).toEqual([]);
    expect(exampleCalls('gf(1) a.f(2)', 'g', 2)).toEqual([]);
  });
});

describe('derivedCalls', () => {
  it('changes one argument at a time', () => {
    expect(derivedCalls(["f([1], 'a', 2)"], 20)).toEqual([
      "f([1][::-1], 'a', 2)",
      "f([], 'a', 2)",
      "f([1], ('a')[::-1], 2)",
      "f([1], '', 2)",
      "f([1], 'a', 2 + 1)",
      "f([1], 'a', 0)",
      "f([1], 'a', -2)",
    ]);
  });

  it('keeps to the limit and repeats none', () => {
    expect(derivedCalls(['f(1)', 'f(0)'], 3)).toEqual(['f(1 + 1)', 'f(-1)', 'f(0 + 1)']);
  });
});
