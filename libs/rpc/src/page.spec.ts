import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePageToken, readPage } from './page.js';

describe('readPage', () => {
  it('takes the default for 0 and cuts what is too large', () => {
    const page = (pageSize: number) =>
      readPage({ pageSize, pageToken: '' }, 'runs', { defaultSize: 20, maxSize: 100 });
    expect([page(0), page(7), page(5000)]).toEqual([
      { size: 20, after: undefined },
      { size: 7, after: undefined },
      { size: 100, after: undefined },
    ]);
  });

  it('gives back the key that a token was made of', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (key) => {
        const pageToken = encodePageToken(key, 'runs?state=DONE');
        expect(readPage({ pageSize: 0, pageToken }, 'runs?state=DONE').after).toBe(key);
      }),
    );
  });

  it('refuses negative sizes, tokens of other lists, and anything else for a token', () => {
    const refused = { code: 'INVALID_ARGUMENT', reason: 'PAGE_INVALID' };
    const tokens = [
      encodePageToken('x', 'tasks'),
      'nonsense',
      'e30',
      'x'.repeat(1025),
      Buffer.from('["runs"]').toString('base64url'),
    ];
    for (const pageToken of tokens) {
      expect(() => readPage({ pageSize: 0, pageToken }, 'runs')).toThrow(expect.objectContaining(refused));
    }
    expect(() => readPage({ pageSize: -1, pageToken: '' }, 'runs')).toThrow(expect.objectContaining(refused));
  });
});
