import { describe, expect, it } from 'vitest';
import { Recent } from './recent.js';

describe('Recent', () => {
  function counting(maxLength: number) {
    const made: string[] = [];
    const recent = new Recent<string>(maxLength);
    const get = (text: string): string =>
      recent.get(text, () => {
        made.push(text);
        return text.toUpperCase();
      });
    return { made, get };
  }

  it('works a text out once, until longer unused than what has room', () => {
    const { made, get } = counting(32);
    const texts = Array.from({ length: 16 }, (_, index) => `t${index.toString(16)}`);
    for (const text of texts) expect(get(text)).toBe(text.toUpperCase());
    for (const text of texts) get(text);
    expect(made).toEqual(texts);
    get('t0');
    get('x0');
    get('t0');
    get('t1');
    expect(made.slice(16)).toEqual(['x0', 't1']);
  });

  it('keeps no text that would push many others out, and nothing that failed', () => {
    const { made, get } = counting(32);
    get('abc');
    get('abc');
    expect(made).toEqual(['abc', 'abc']);
    const recent = new Recent<number>(32);
    const fail = (): number => {
      throw new Error('no');
    };
    expect(() => recent.get('a', fail)).toThrow('no');
    expect(recent.get('a', () => 2)).toBe(2);
  });
});
