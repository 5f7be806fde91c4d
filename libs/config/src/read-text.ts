import type { ConfigField } from './fields.js';

const words = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** A variable's text as the value that its type calls for, or why it is none. */
export type ReadResult = { readonly value: unknown } | { readonly problem: string };

/** Reads the text of a variable; ranges and patterns are the schema's business. */
export function readText(text: string, field: ConfigField): ReadResult {
  switch (field.type) {
    case 'number':
      return readNumber(text);
    case 'yes or no':
      return readBoolean(text);
    case 'list':
      return { value: readList(text) };
    case 'JSON':
      return readJson(text);
    case 'one of':
      return readChoice(text, field.choices);
    case 'text':
      return { value: text };
  }
}

function readNumber(text: string): ReadResult {
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? { value } : { problem: `must be a number, not ${quote(text)}` };
}

function readBoolean(text: string): ReadResult {
  const value = words.get(text.toLowerCase());
  return value === undefined ? { problem: `must be true or false, not ${quote(text)}` } : { value };
}

function readList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readJson(text: string): ReadResult {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem: 'must be JSON' };
  }
}

function readChoice(text: string, choices: readonly string[]): ReadResult {
  return choices.includes(text)
    ? { value: text }
    : { problem: `must be one of ${choices.join(', ')}, not ${quote(text)}` };
}

/** Longest piece of a wrong value that an error repeats, in characters. */
const quoted = 60;

function quote(text: string): string {
  return JSON.stringify(text.length > quoted ? `${text.slice(0, quoted)}…` : text);
}
