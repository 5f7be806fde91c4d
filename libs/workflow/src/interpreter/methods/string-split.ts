import { integerArgument, stringArgument, type Bound } from '../builtins/builtin.js';
import { truthy } from '../compare.js';
import { raise } from '../errors.js';
import type { Meter } from '../meter.js';
import { eachOccurrence } from '../text-search.js';
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
      : splitText(text, separatorOf(separator), most < 0 ? Infinity : most, fromRight);
  meter.collection(parts.length);
  return new ListValue(parts);
}

function separatorOf(value: Value): string {
  const separator = stringArgument(value, 'separator');
  if (separator === '') throw raise('ValueError', 'empty separator');
  return separator;
}

/** The pieces of a text between at most so many occurrences of a part that is not empty. */
export function splitText(text: string, part: string, most: number, fromRight: boolean): string[] {
  const pieces: string[] = [];
  let edge = fromRight ? text.length : 0;
  if (most > 0) {
    eachOccurrence(text, part, fromRight, (at) => {
      pieces.push(fromRight ? text.slice(at + part.length, edge) : text.slice(edge, at));
      edge = fromRight ? at : at + part.length;
      return pieces.length < most;
    });
  }
  pieces.push(fromRight ? text.slice(0, edge) : text.slice(edge));
  return fromRight ? pieces.reverse() : pieces;
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
