import { integerArgument, stringArgument, type Bound } from '../builtins/builtin.js';
import { truthy } from '../compare.js';
import { raise } from '../errors.js';
import type { Meter } from '../meter.js';
import { ListValue, type Value } from '../values.js';

/**
 * Python's `split` and `rsplit`.
 *
 * @throws Raised ValueError for an empty separator
 */
export function split(meter: Meter, text: string, [separator, maxSplit]: Bound, fromRight: boolean): Value {
  const most = maxSplit === undefined ? -1 : Number(integerArgument(maxSplit));
  const parts =
    separator === undefined || separator === null
      ? splitSpace(text, most, fromRight)
      : splitText(text, stringArgument(separator, 'separator'), most, fromRight);
  meter.collection(parts.length);
  return new ListValue(parts);
}

function splitText(text: string, separator: string, most: number, fromRight: boolean): string[] {
  if (separator === '') throw raise('ValueError', 'empty separator');
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  if (fromRight) {
    const kept = parts.length - most;
    return [parts.slice(0, kept).join(separator), ...parts.slice(kept)];
  }
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

const WORD = /[^\s\u001c-\u001f\u0085]+/gu;

function splitSpace(text: string, most: number, fromRight: boolean): string[] {
  const words = Array.from(text.matchAll(WORD), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const cut = (from: number, to: number): string[] =>
    words.slice(from, to).map(({ start, end }) => text.slice(start, end));
  if (most < 0 || words.length <= most) return cut(0, words.length);
  if (fromRight) {
    const kept = words.length - most;
    const end = words[kept - 1]?.end;
    // Space at the far end of what is left over stays, as in Python.
    return [text.slice(0, end), ...cut(kept, words.length)];
  }
  return [...cut(0, most), text.slice(words[most]?.start)];
}

/** Python's `splitlines`. */
export function splitLines(meter: Meter, text: string, keepEnds: Value | undefined): Value {
  const keep = truthy(keepEnds ?? false);
  const lines: string[] = [];
  let start = 0;
  for (const match of text.matchAll(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/g)) {
    const end = match.index + match[0].length;
    lines.push(text.slice(start, keep ? end : match.index));
    start = end;
  }
  if (start < text.length) lines.push(text.slice(start));
  meter.collection(lines.length);
  return new ListValue(lines);
}
