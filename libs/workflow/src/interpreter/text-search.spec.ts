import { describe, expect, it } from 'vitest';
import { seededRandom } from '../testing/random.js';
import { eachOccurrence, findText } from './text-search.js';

/** Occurrences by comparing at every place. */
function slowly(text: string, part: string, fromRight: boolean): number[] {
  const found: number[] = [];
  if (fromRight) {
    for (let end = text.length; end >= part.length; end -= 1) {
      const at = end - part.length;
      if (text.slice(at, end) !== part) continue;
      found.push(at);
      end = at + 1;
    }
    return found;
  }
  for (let at = 0; at + part.length <= text.length; at += 1) {
    if (text.slice(at, at + part.length) !== part) continue;
    found.push(at);
    at += part.length - 1;
  }
  return found;
}

function occurrences(text: string, part: string, fromRight: boolean): number[] {
  const found: number[] = [];
  eachOccurrence(text, part, fromRight, (offset) => found.push(offset) > 0);
  return found;
}

describe('searching in texts', () => {
  it('finds what comparing at every place finds', () => {
    const random = seededRandom(20_261_129);
    const below = (n: number): number => Math.floor(random() * n);
    for (let turn = 0; turn < 4_000; turn += 1) {
      const letters = 1 + below(3);
      const text = Array.from({ length: below(90) }, () => 'abc'[below(letters)]).join('');
      const start = below(text.length + 1);
      // Mostly a part of the text, short or longer than what is left to the host.
      const part = turn % 4 === 0 ? 'ab'.repeat(1 + below(12)) : text.slice(start, start + 1 + below(40));
      if (part === '') continue;
      for (const fromRight of [false, true]) {
        const expected = slowly(text, part, fromRight);
        expect(occurrences(text, part, fromRight)).toEqual(expected);
        expect(findText(text, part, fromRight)).toBe(expected[0] ?? -1);
      }
    }
  });

  it('finds the empty text at either end', () => {
    expect([findText('abc', ''), findText('abc', '', true), findText('', 'a')]).toEqual([0, 3, -1]);
  });

  it.each([
    ['in the middle', 'a'.repeat(50_000) + 'b' + 'a'.repeat(50_000)],
    ['at the start', 'b' + 'a'.repeat(100_000)],
    ['at the end', 'a'.repeat(100_000) + 'b'],
  ])('takes time in proportion to the text where a long part differs only %s', (_, part) => {
    const text = 'a'.repeat(4_000_000);
    const before = process.threadCpuUsage();
    expect([findText(text, part), findText(text, part, true)]).toEqual([-1, -1]);
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(2_000);
  });
});
