import { describe, expect, it } from 'vitest';
import { promptTokenBound } from './token-bound.js';

describe('promptTokenBound', () => {
  it('counts bytes, the template, and a schema', () => {
    const messages = [
      { role: 'system' as const, content: 'äöü' },
      { role: 'user' as const, content: '日本語🙂' },
    ];
    expect(promptTokenBound({ messages })).toBe(256 + (16 + 6) + (16 + 13));
    const jsonSchema = { name: 'n', schema: { type: 'object' } };
    expect(promptTokenBound({ messages: [], jsonSchema })).toBe(256 + JSON.stringify(jsonSchema).length);
  });
});
