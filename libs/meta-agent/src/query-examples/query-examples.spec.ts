import { describe, expect, it } from 'vitest';
import { assertsOfQuery, functionOfAsserts } from './asserts.js';
import { assertsOfArrows, assertsOfDoctests } from './doctests.js';
import { literalEnd } from './python-literal.js';
import { findStub } from './python-stub.js';
import { assertsOfSamples, stdioCases } from './sample-io.js';

describe('python literals', () => {
  it.each([
    '1', '-2.5e3', '0x1F', '1_000', '.5', '3j', "'a'", '"it\\"s"', "'''a\nb'''", 'True', 'None', '[]', '(1,)',
    '[1, [2, "x, ]"]]', '{1: "a", "b": [2]}', '{1, 2}', 'set()', "float('inf')", "['a' 'b']",
  ])('reads %s to its end', (text) => {
    expect(literalEnd(`${text} rest`, 0)).toBe(text.length);
  }); // prettier-ignore

  it.each(['x', '[x]', '[1', "'open", '', '{1: }', 'Trues', '['.repeat(100) + ']'.repeat(100)])(
    'takes %j for none',
    (text) => {
      expect(literalEnd(text, 0)).toBeUndefined();
    },
  );
});

describe('the function that a query asks for', () => {
  const query = [
    'from typing import List',
    'def helper(x: int) -> int:',
    '    """ Helps. >>> helper(1) """',
    '    return x',
    '',
    'def solve(a: List[int], b: dict = {"k": (1, 2)}) -> List[Tuple[int, str]]:',
    '    r"""Solves \\\\ it."""',
  ].join('\n');

  it('is the last one, or the one that is named', () => {
    expect(findStub(query, '')).toEqual({ entryPoint: 'solve', docstring: 'Solves \\\\ it.' });
    expect(findStub(query, 'helper')).toEqual({ entryPoint: 'helper', docstring: ' Helps. >>> helper(1) ' });
    expect(findStub(query, 'other')).toBeUndefined();
    expect(findStub('How do I define a function?', '')).toBeUndefined();
  });

  it('may have no docstring, or no end', () => {
    expect(findStub('def f(x):\n    return x', '')).toEqual({ entryPoint: 'f', docstring: '' });
    expect(findStub('def f(x', '')).toEqual({ entryPoint: 'f', docstring: '' });
    expect(findStub('def f():\n    """open', '')).toEqual({ entryPoint: 'f', docstring: 'open' });
  });
});

describe('examples in a docstring', () => {
  it('become asserts where they are doctests of the function with a literal result', () => {
    const text = `
      Adds.
      >>> add(1, 2)
      3
      >>> add([1,
      ...      2], key='a')
      {'a': [1, 2]}
      >>> round(add(0.1, 0.2), 2)  # rounded
      0.3
      >>> print(add('a', 'b'))
      ab
      >>> sorted(add({3, 1}))
      [1, 3]

      Prose that follows.`;
    expect(assertsOfDoctests(text, 'add')).toEqual([
      'assert add(1, 2) == 3',
      "assert add([1,\n     2], key='a') == {'a': [1, 2]}",
      'assert round(add(0.1, 0.2), 2) == 0.3',
      `assert str(add('a', 'b')) == "ab"`,
      'assert sorted(add({3, 1})) == [1, 3]',
    ]);
  });

  it('are left out where they raise, need state, or are about something else', () => {
    const text = `
      >>> add('x')
      Traceback (most recent call last):
      TypeError: no
      >>> values = [1]
      >>> add(values)
      1
      >>> other(1)
      1
      >>> add(1)
      <object at 0x7f>
      >>> add(2)
      `;
    expect(assertsOfDoctests(text, 'add')).toEqual([]);
  });

  it('are read from arrows and comparisons in running text', () => {
    const text = `For example, f(1) == 2. Also f([1, 2]) ➞ 'a'
      f("x") returns True, f(2) ==> false
      f(3) -> 4 + 5, f(x) == 3, f(5) = 6
      f(7) should return [7, "g(8)"]; self.f(9) == 10; f(1, 2 == 3`;
    expect(assertsOfArrows(text, 'f')).toEqual([
      'assert f(1) == 2',
      "assert f([1, 2]) == 'a'",
      'assert f("x") == True',
      'assert f(2) == False',
      'assert f(5) == 6',
      'assert f(7) == [7, "g(8)"]',
    ]);
  });
});

describe('asserts in a query', () => {
  const query = `Write a function. Your code should pass:
assert similar((3, 4), (5, 4)) == (4,)
assert set(similar((1, 2),
                   (2, 3))) == {2}
assert similar( == 3
assert other(1) == 2
We assert similar(2) too.`;

  it('are taken where they are whole and call the function', () => {
    expect(assertsOfQuery(query, 'similar')).toEqual([
      'assert similar((3, 4), (5, 4)) == (4,)',
      'assert set(similar((1, 2),\n                   (2, 3))) == {2}',
    ]);
  });

  it('tell the function that is asked for', () => {
    expect(functionOfAsserts(query)).toBe('similar');
    expect(functionOfAsserts('assert set(foo(1)) == {1}')).toBe('foo');
    expect(functionOfAsserts('Nothing to see')).toBeUndefined();
  });
});

describe('sample input and output', () => {
  it('become cases of a program', () => {
    const query = `Add two numbers.

Input
The input consists of two numbers.

## Sample Input 1
3 4

## Sample Output 1
7

**Example Input:**
\`\`\`
5

6
\`\`\`
**Example Output:**
\`\`\`
11
\`\`\`
Explanation: 5 + 6.
Input: 8 1
Output: 9`;
    expect(stdioCases(query)).toEqual([
      { stdin: '3 4\n', stdout: '7\n' },
      { stdin: '5\n\n6\n', stdout: '11\n' },
      { stdin: '8 1\n', stdout: '9\n' },
    ]);
  });

  it('become asserts where a function is asked for', () => {
    const query = `Example 1:
Input: nums = [2, 7], target = 9
Output: [0, 1]
Example 2:
Input: root = tree
Output: 3`;
    expect(assertsOfSamples(query, 'two_sum')).toEqual(['assert two_sum([2, 7], 9) == [0, 1]']);
  });
});
