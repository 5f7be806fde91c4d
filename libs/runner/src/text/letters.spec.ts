import { describe, expect, it } from 'vitest';
import { letterOf, readLetter } from './letters.js';

describe('letterOf', () => {
  it('goes on after Z', () => {
    expect([0, 1, 25, 26, 27, 52].map(letterOf)).toEqual(['A', 'B', 'Z', 'AA', 'AB', 'BA']);
  });
});

describe('readLetter', () => {
  it.each([
    ['B', 1],
    ['b', 1],
    [' (C). ', 2],
    ['**B**', 1],
    ['Solution B', 1],
    ['The answer is C.', 2],
    ['Answer: **B**', 1],
    ['solution letter is "A"', 0],
    ['Solution A is wrong, so I choose solution B', 1],
    ['A careful look shows that the answer is a list', undefined],
    ['D', undefined],
    ['Z', undefined],
    ['2', undefined],
    ['', undefined],
    ['none of them', undefined],
  ])('%j', (answer, index) => {
    expect(readLetter(answer, 3)).toBe(index);
  });
});
