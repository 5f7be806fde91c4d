import { describe, expect, it } from 'vitest';
import { readRequestBounds } from './request-bounds.js';

describe('readRequestBounds', () => {
  it('reads tokens and prices of prompt and completion', () => {
    expect(readRequestBounds({ requestTokens: '4000, 1000', price: '0.25,2' })).toEqual({
      greatestPromptTokens: 4000,
      greatestCompletionTokens: 1000,
      price: { promptUsdPerMillion: 0.25, completionUsdPerMillion: 2 },
    });
    expect(readRequestBounds({})).toEqual({});
  });

  it.each([
    [{ requestTokens: '4000' }, '--request-tokens'],
    [{ requestTokens: '1.5,2' }, '--request-tokens'],
    [{ price: '-1,2' }, '--price'],
    [{ price: '1,2,3' }, '--price'],
  ])('refuses %j', (options, option) => {
    expect(() => readRequestBounds(options)).toThrow(option);
  });
});
