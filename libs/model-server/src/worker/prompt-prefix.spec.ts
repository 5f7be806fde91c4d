import { describe, expect, it } from 'vitest';
import { PROMPT_BLOCK, reusablePrefix } from './prompt-prefix.js';

const tokens = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('reusablePrefix', () => {
  it('keeps all of an equal prompt', () => {
    expect(reusablePrefix(tokens(100), tokens(100))).toBe(100);
  });

  it('keeps whole blocks of a prompt with the same beginning', () => {
    expect(reusablePrefix(tokens(200), [...tokens(150), 999])).toBe(2 * PROMPT_BLOCK);
    expect(reusablePrefix(tokens(150), tokens(200))).toBe(2 * PROMPT_BLOCK);
  });

  it('keeps nothing of another prompt or an empty context', () => {
    expect(reusablePrefix([7, ...tokens(100)], tokens(100))).toBe(0);
    expect(reusablePrefix([], tokens(100))).toBe(0);
  });
});
