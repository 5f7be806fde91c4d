import { describe, expect, it } from 'vitest';
import { cut, displayWidth, wrap } from './fit-width.js';

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['漢字', 4],
    ['e\u0301', 1],
    ['🙂', 2],
    ['│ ✓ · …', 7],
  ])('of %j is %d', (text, width) => expect(displayWidth(text)).toBe(width));
});

describe('cut', () => {
  it('leaves what fits alone and marks what does not', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdefg', 6)).toBe('abcde…');
  });

  it('counts wide characters twice', () => {
    expect(cut('漢字漢字', 5)).toBe('漢字…');
  });
});

describe('wrap', () => {
  it('breaks at a space, and indents what follows', () => {
    expect(wrap('  a = f(first=1, second=2)', 18)).toEqual(['  a = f(first=1,', '      second=2)']);
  });

  it('breaks a word that is longer than a line', () => {
    expect(wrap('x'.repeat(25), 10)).toEqual(['x'.repeat(10), '    xxxxxx', '    xxxxxx', '    xxx']);
  });

  it('keeps every character and every line within the width', () => {
    const line = `        ${'word, '.repeat(40)}${'y'.repeat(90)}`;
    for (const columns of [20, 37, 80]) {
      const lines = wrap(line, columns);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
      expect(lines.join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
    }
  });

  it('does not fail on a line of spaces', () => {
    expect(wrap(' '.repeat(30), 10).join('').trim()).toBe('');
  });
});
