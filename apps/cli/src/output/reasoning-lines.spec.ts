import { describe, expect, it } from 'vitest';
import { ReasoningLines } from './reasoning-lines.js';

describe('ReasoningLines', () => {
  it('gives out a line once it is whole, and what is left at the end', () => {
    const lines = new ReasoningLines();
    expect(lines.add('First the ', 12)).toEqual([]);
    expect(lines.pending).toBe('First the ');
    expect(lines.add('cubes, then more.\n\nAnd', 12)).toEqual(['First the', 'cubes, then', 'more.']);
    expect(lines.pending).toBe('And');
    expect(lines.end()).toEqual(['And']);
    expect(lines.pending).toBe('');
  });

  it('gives the same lines however the text comes in pieces', () => {
    const text =
      'One two three four five six seven.\n\n  Indented, and a word that is verylongindeed to break. End';
    const whole = new ReasoningLines();
    const expected = [...whole.add(text, 16), ...whole.end()];
    for (const size of [1, 3, 7]) {
      const pieces = new ReasoningLines();
      const given: string[] = [];
      for (let at = 0; at < text.length; at += size) given.push(...pieces.add(text.slice(at, at + size), 16));
      expect([...given, ...pieces.end()]).toEqual(expected);
    }
  });

  it('shows forty lines of a long thought and says how many more there were', () => {
    const lines = new ReasoningLines();
    const given = Array.from({ length: 100 }, (_, n) => lines.add(`line ${n}\n`, 80)).flat();
    expect(given).toHaveLength(40);
    expect(lines.end()).toEqual(['… 60 more lines']);
    expect(lines.add('another thought\n', 80)).toEqual(['another thought']);
  });

  it('acts on no escape sequence', () => {
    expect(new ReasoningLines().add('a\u001b[2Jb\n', 80)).toEqual(['a\\x1b[2Jb']);
  });
});
