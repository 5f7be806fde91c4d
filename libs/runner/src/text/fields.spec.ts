import { describe, expect, it } from 'vitest';
import { extractFields } from './fields.js';
import { letterOf, readLetter } from './letters.js';

const read = (answer: string): Record<string, string> =>
  Object.fromEntries(extractFields(answer, ['thought', 'answer']));

describe('extractFields', () => {
  it.each([
    ['plain', '<thought>t</thought><answer>a</answer>', { thought: 't', answer: 'a' }],
    ['text around it', 'Sure!\n<answer>\n a \n</answer>\nDone.', { answer: 'a' }],
    ['capitals and attributes', '<Answer type="x">a</ANSWER>', { answer: 'a' }],
    ['never closed', '<thought>t\n<answer>a', { thought: 't', answer: 'a' }],
    ['code with <', '<answer>if a < b and c > d: x</answer>', { answer: 'if a < b and c > d: x' }],
    ['CDATA', '<answer><![CDATA[a < b]]></answer>', { answer: 'a < b' }],
    ['given twice', '<answer>draft</answer> … <answer>final</answer>', { answer: 'final' }],
    ['a longer name', '<answers>no</answers>', {}],
    ['nothing', 'just text', {}],
    ['an open tag at the end', '<answer', {}],
  ])('reads %s', (_, answer, expected) => {
    expect(read(answer)).toEqual(expected);
  });
});

describe('letters', () => {
  it('go on after Z', () => {
    expect([0, 25, 26, 27, 701, 702].map(letterOf)).toEqual(['A', 'Z', 'AA', 'AB', 'ZZ', 'AAA']);
  });

  it.each([
    ['B', 1],
    ['**C**', 2],
    ['b', 1],
    ['Solution B is best', 1],
    ['I think a is wrong', undefined],
    ['Z', undefined],
    ['', undefined],
  ])('are read from %j', (answer, expected) => {
    expect(readLetter(answer, 3)).toBe(expected);
  });
});
