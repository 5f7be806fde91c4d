import { describe, expect, it } from 'vitest';
import { TokenText } from './token-text.js';

/** One token a byte. */
const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];
const detokenize = (tokens: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(tokens));

describe('TokenText', () => {
  it('waits until a character is complete', () => {
    const decoder = new TokenText(detokenize);
    expect(bytes('aé😀b').map((token) => decoder.push(token))).toEqual(['a', '', 'é', '', '', '', '😀', 'b']);
    expect(decoder.flush()).toBe('');
  });

  it('gives up on bytes that never become a character', () => {
    const decoder = new TokenText(detokenize);
    const text = [0xf0, 0xf0, 0xf0, 0xf0, 0xf0].map((token) => decoder.push(token)).join('');
    expect(text).toBe('\uFFFD'.repeat(5));
    expect(decoder.push(0xf0)).toBe('');
    expect(decoder.flush()).toBe('\uFFFD');
  });
});
