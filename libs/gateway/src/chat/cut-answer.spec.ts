import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutAnswer } from './cut-answer.js';

describe('an answer that is cut', () => {
  it('ends before the first stop string, whichever that is', () => {
    const limits = { maxTokens: undefined, stop: ['END', 'bc'] };
    expect(cutAnswer('abcdEND', limits)).toEqual({ text: 'a', finishReason: 'stop' });
  });

  it('ends after as many tokens, of four bytes each, in whole characters', () => {
    const cut = (text: string, maxTokens: number) => cutAnswer(text, { maxTokens, stop: [] });
    expect(cut('12345678', 2)).toEqual({ text: '12345678', finishReason: 'stop' });
    expect(cut('123456789', 2)).toEqual({ text: '12345678', finishReason: 'length' });
    expect(cut('ééé', 1)).toEqual({ text: 'éé', finishReason: 'length' });
    expect(cut('a😀😀', 1)).toEqual({ text: 'a', finishReason: 'length' });
  });

  it('is always a beginning of the answer, and never too long', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 3 }),
        (answer, maxTokens, stop) => {
          const { text, finishReason } = cutAnswer(answer, { maxTokens, stop });
          expect(answer.startsWith(text)).toBe(true);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4 * maxTokens);
          expect(stop.some((end) => text.includes(end))).toBe(false);
          if (finishReason === 'stop' && !stop.some((end) => answer.includes(end))) expect(text).toBe(answer);
        },
      ),
    );
  });
});
