import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsInsideThink, splitUnopened, ThinkSplitter } from './think-splitter.js';
import type { SplitText } from './think-splitter.js';

function split(pieces: readonly string[], inside = false): SplitText {
  const splitter = new ThinkSplitter(inside);
  const parts = [...pieces.map((piece) => splitter.push(piece)), splitter.end()];
  return {
    text: parts.map(({ text }) => text).join(''),
    reasoning: parts.map(({ reasoning }) => reasoning).join(''),
  };
}

describe('ThinkSplitter', () => {
  it.each([
    ['plain text', 'plain text', ''],
    ['<think>a</think>b', 'b', 'a'],
    ['\n <think>a</think>\n\nb', 'b', 'a'],
    ['<think>a</think>\n    indented', '    indented', 'a'],
    ['<think>cut off', '', 'cut off'],
    ['<think>cut off </thi', '', 'cut off </thi'],
    ['<think></think>', '', ''],
    ['  code begins with spaces', '  code begins with spaces', ''],
    ['<thin', '<thin', ''],
    ['a <think>b</think>', 'a <think>b</think>', ''],
    ['<think>a</think>b</think>c', 'b</think>c', 'a'],
    ['', '', ''],
  ])('splits %j', (whole, text, reasoning) => {
    expect(split([whole])).toEqual({ text, reasoning });
    expect(split([...whole])).toEqual({ text, reasoning });
  });

  it('starts inside where the block is open already', () => {
    expect(split(['a</th', 'ink>\nb'], true)).toEqual({ text: 'b', reasoning: 'a' });
  });

  it('does not depend on where the pieces are cut, and loses nothing (property)', () => {
    const bits = fc.constantFrom('<think>', '</think>', '<', '</', 'think', '>', '\n', ' ', 'a', 'é');
    fc.assert(
      fc.property(
        fc.array(bits, { maxLength: 12 }),
        fc.array(fc.nat(20), { maxLength: 6 }),
        (parts, cuts) => {
          const whole = parts.join('');
          const at = [0, ...cuts.filter((cut) => cut <= whole.length).sort((a, b) => a - b), whole.length];
          const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
          expect(split(pieces)).toEqual(split([whole]));
          if (!whole.trimStart().startsWith('<think>')) expect(split(pieces).text).toBe(whole);
        },
      ),
    );
  });
});

describe('splitUnopened', () => {
  it('splits at the first closing tag', () => {
    expect(splitUnopened('hm\n</think>\n\n42')).toEqual({ text: '42', reasoning: 'hm\n' });
    expect(splitUnopened('no tag')).toEqual({ text: 'no tag', reasoning: '' });
  });
});

describe('endsInsideThink', () => {
  it('looks for an open block', () => {
    expect(['', 'x', '<think>', '<think>a</think>', '<think>a</think><think>'].map(endsInsideThink)).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
  });
});
