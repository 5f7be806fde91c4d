import { describe, expect, it } from 'vitest';
import {
  countArgument,
  entryPointArgument,
  listArgument,
  MAX_ITEMS,
  MAX_TEXT_LENGTH,
  stringArgument,
  textArgument,
} from './arguments.js';
import { fakeContext, type PlainArgument } from './testing/fake-context.js';

const given = (value: PlainArgument) => fakeContext({ arguments: { x: value } }).arguments;
const none = fakeContext({}).arguments;

describe('arguments of operators', () => {
  it('takes the text of anything where it stands in a prompt', () => {
    expect(textArgument(given(['a', 1]), 'x')).toBe('[a, 1]');
    expect(textArgument(none, 'x', 'None')).toBe('None');
  });

  it('takes only strings where strings are added', () => {
    expect(stringArgument(given('a'), 'x')).toBe('a');
    expect(stringArgument(none, 'x')).toBe('');
    expect(() => stringArgument(given(['a']), 'x')).toThrowError(
      expect.objectContaining({ type: 'TypeError', message: 'x must be a str, not list' }),
    );
  });

  it('takes whole numbers within bounds', () => {
    expect(countArgument(given(3), 'x', 1, 0, 5)).toBe(3);
    expect(countArgument(none, 'x', 1, 0, 5)).toBe(1);
    for (const [value, type] of [
      [2.5, 'TypeError'],
      ['3', 'TypeError'],
      [null, 'TypeError'],
      [true, 'TypeError'],
      [[3], 'TypeError'],
      [6, 'ValueError'],
      [-1, 'ValueError'],
    ] as const) {
      expect(() => countArgument(given(value), 'x', 1, 0, 5)).toThrowError(expect.objectContaining({ type }));
    }
  });

  it('takes lists that are neither empty nor too long', () => {
    expect(listArgument(given(['a', 2]), 'x')).toEqual(['a', '2']);
    for (const [value, type] of [
      ['ab', 'TypeError'],
      [null, 'TypeError'],
      [[], 'ValueError'],
      [Array.from({ length: MAX_ITEMS + 1 }, () => 'a'), 'ValueError'],
    ] as const) {
      expect(() => listArgument(given(value), 'x')).toThrowError(expect.objectContaining({ type }));
    }
    expect(() => listArgument(none, 'x')).toThrowError(expect.objectContaining({ type: 'TypeError' }));
  });

  it('names the limit of a text', () => {
    const long = 'a'.repeat(MAX_TEXT_LENGTH + 1);
    for (const read of [() => textArgument(given(long), 'x'), () => listArgument(given([long]), 'x')]) {
      expect(read).toThrowError(
        expect.objectContaining({
          type: 'ValueError',
          message: expect.stringContaining(`${MAX_TEXT_LENGTH}`),
        }),
      );
    }
  });

  it("takes the task's entry point unless a name is given", () => {
    const of = (value?: PlainArgument): string => {
      const { arguments: args, task } = fakeContext({
        task: { entryPoint: 'f' },
        ...(value === undefined ? {} : { arguments: { entry_point: value } }),
      });
      return entryPointArgument(args, task);
    };
    expect([of(), of(null), of(''), of('g')]).toEqual(['f', 'f', 'f', 'g']);
    expect(() => of(3)).toThrowError(expect.objectContaining({ type: 'TypeError' }));
    expect(() => of('f(x): pass\n')).toThrowError(expect.objectContaining({ type: 'ValueError' }));
  });
});
