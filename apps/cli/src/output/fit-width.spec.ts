import { describe, expect, it } from 'vitest';
import { cut, cutStart, displayWidth, wrap } from './fit-width.js';

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

describe('cutStart', () => {
  it('leaves what fits alone, and keeps the end of what does not', () => {
    expect(cutStart('abcdef', 6)).toBe('abcdef');
    expect(cutStart('abcdefg', 6)).toBe('…cdefg');
    expect(cutStart('漢字漢字', 6)).toBe('…漢字');
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

  it('counts colours as nothing, and lets them go on over the break', () => {
    const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
    expect(displayWidth(red('abc'))).toBe(3);
    expect(wrap(`  ${red('one two')} three`, 14)).toEqual([`  ${red('one two')}`, '      three']);
    expect(wrap(red('one two three'), 9)).toEqual(['\u001b[31mone two', '    three\u001b[39m']);
  });

  it('does not fail on a line of spaces', () => {
    expect(wrap(' '.repeat(30), 10).join('').trim()).toBe('');
  });
});
