import type { TextSlice } from '../split-answer.js';
import type { SourceText } from '../source-text.js';
import type { DiagnosticList } from '../diagnostics.js';
import { lexClass } from './lexer.js';

/** Where the class of a program stands. */
export interface ClassRegion extends TextSlice {
  /** Whether the lexical pass found no error. */
  readonly ok: boolean;
  /** Whether its first line is indented. */
  readonly indented: boolean;
  /** Whether nothing is left of it but its head, because what follows has lost its indentation. */
  readonly isEmptied: boolean;
}

/** Classes that are looked at, to keep hostile text linear. */
const MAX_CLASSES = 8;
// Models also begin the class on the line of the tag that opens it.
const HEADER = /(?<=^|>|CDATA\[)[ \t]*class[ \t]+\w+[ \t]*(?:\([^()\n]*\))?[ \t]*:/gm;
const LOOSE_HEADER = /(?<=^|>|CDATA\[)[ \t]*class[ \t]+\w+/gm;
const LOST = /^(?:return|await|self\.|else\b|elif\b|except\b|finally\b)|await\s+self\./;
const CODE = /^(?:async\s+def|def|@|return|await|self\.|for\b|while\b|if\b|try\b|"""|'''|\w+\s*[+\-*/]?=)/;

/**
 * Finds the class of a workflow in a slice of the text: the first with a
 * `__call__`, else the first. What stands around it is no part of the program.
 * Reports what the lexical pass finds in it.
 */
export function locateClass(
  source: SourceText,
  slice: TextSlice,
  diagnostics: DiagnosticList,
): ClassRegion | undefined {
  const starts = headers(source.text, slice, HEADER);
  const candidates = starts.length > 0 ? starts : headers(source.text, slice, LOOSE_HEADER);
  const [first] = candidates;
  if (first === undefined) return undefined;
  const chosen =
    candidates.length === 1
      ? first
      : (candidates.find((start) => hasCall(source.text, start, slice.end)) ?? first);
  const result = lexClass(source.text, chosen, slice.end, (code, start, end, message) => {
    diagnostics.add(code, source.range(start, end), message);
  });
  const region = {
    start: chosen,
    end: result.end,
    ok: result.ok,
    indented: /[ \t]/.test(source.text[chosen] ?? ''),
  };
  const isLost = result.ok && reportRest(source, region, slice.end, diagnostics);
  return { ...region, isEmptied: isLost && source.text.slice(chosen, result.end).trimEnd().endsWith(':') };
}

function headers(text: string, slice: TextSlice, pattern: RegExp): number[] {
  const found: number[] = [];
  pattern.lastIndex = slice.start;
  for (let match = pattern.exec(text); match && match.index < slice.end; match = pattern.exec(text)) {
    found.push(match.index);
    if (found.length === MAX_CLASSES) break;
  }
  return found;
}

function hasCall(text: string, start: number, limit: number): boolean {
  const { end } = lexClass(text, start, limit, () => undefined);
  return text.slice(start, end).includes('__call__');
}

/**
 * Says what happens to text after the class: code that lost its indentation is an
 * error, anything else ignored.
 *
 * @returns whether it is such code
 */
function reportRest(
  source: SourceText,
  region: TextSlice,
  limit: number,
  diagnostics: DiagnosticList,
): boolean {
  const rest = source.text.slice(region.end, limit);
  const offset = rest.search(/\S/);
  if (offset < 0) return false;
  const at = region.end + offset;
  const lineEnd = source.text.slice(at, limit).search(/[\r\n]|$/);
  const line = source.text.slice(at, at + lineEnd);
  const range = source.range(at, at + lineEnd);
  const body = source.text.slice(region.start, region.end);
  const isLost = LOST.test(line) || (!body.includes('__call__') && CODE.test(line));
  if (isLost) {
    diagnostics.add(
      'FW003',
      range,
      'this line has lost its indentation and so stands outside the class; indent methods by 4 spaces and their statements by 8',
    );
  } else diagnostics.add('FW707', range, 'what follows the class was ignored');
  return isLost;
}
