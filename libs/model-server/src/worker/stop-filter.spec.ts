import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopFilter } from './stop-filter.js';

function run(stops: string[], pieces: string[]): { text: string; stopped: boolean } {
  const filter = new StopFilter(stops);
  let text = '';
  for (const piece of pieces) {
    const out = filter.push(piece);
    text += out.text;
    if (out.stopped) return { text, stopped: true };
  }
  return { text: text + filter.flush(), stopped: false };
}

describe('StopFilter', () => {
  it('passes text on at once when nothing can begin a stop string', () => {
    expect(new StopFilter(['END']).push('hello')).toEqual({ text: 'hello', stopped: false });
  });

  it('holds back the beginning of a stop string', () => {
    const filter = new StopFilter(['\n```']);
    expect(filter.push('x = 1\n``')).toEqual({ text: 'x = 1', stopped: false });
    expect(filter.push('2')).toEqual({ text: '\n``2', stopped: false });
  });

  it('cuts before the one of several stop strings that is complete first', () => {
    expect(run(['bc', 'cd'], ['a', 'bc', 'd'])).toEqual({ text: 'a', stopped: true });
  });

  it('does not depend on pieces where one stop string lies within another', () => {
    expect(run(['c', 'bca'], ['bca']).text).toBe('b');
    expect(run(['c', 'bca'], ['b', 'c', 'a']).text).toBe('b');
  });

  it('gives the same text however the stream is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(letters, stops, (text, stopStrings) => {
        const ends = stopStrings
          .map((stop) => ({ start: text.indexOf(stop), length: stop.length }))
          .filter(({ start }) => start >= 0)
          .sort(
            (one, other) => one.start + one.length - other.start - other.length || one.start - other.start,
          );
        const expected = text.slice(0, ends[0]?.start ?? text.length);
        expect(run(stopStrings, [...text]).text).toBe(expected);
        expect(run(stopStrings, [text]).text).toBe(expected);
      }),
    );
  });
});
