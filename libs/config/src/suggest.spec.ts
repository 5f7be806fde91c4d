import { describe, expect, it } from 'vitest';
import { suggest } from './suggest.js';

describe('suggest', () => {
  it('finds a name with a letter missing, added, replaced or swapped', () => {
    for (const typo of ['adress', 'addresss', 'adcress', 'adderss']) {
      expect(suggest(typo, ['mode', 'address', 'addendum'])).toBe('address');
    }
  });

  it('suggests nothing that is far away, and nothing of nothing', () => {
    expect(suggest('colour', ['mode', 'address'])).toBeUndefined();
    expect(suggest('x', [])).toBeUndefined();
  });
});
