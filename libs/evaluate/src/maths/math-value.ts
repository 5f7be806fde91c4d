import { normalizeLatex, withoutThousands, withoutUnit } from './normalize-latex.js';

/** A mathematical answer as it is compared. */
export type MathValue =
  | { readonly kind: 'expression'; readonly latex: string; readonly isPercent: boolean }
  | {
      readonly kind: 'collection';
      /** `(`, `[`, `{`, `<`, `matrix`, `row`, `union`; empty for a bare list. */
      readonly open: string;
      readonly close: string;
      readonly isOrdered: boolean;
      readonly items: readonly MathValue[];
    };

/** Deepest nesting that is taken apart. */
const maxDepth = 4;

const brackets: Readonly<Record<string, string>> = {
  '(': ')',
  '[': ']',
  '\\{': '\\}',
  '\\langle': '\\rangle',
};
const matrix = /^\\begin\{pmatrix\}([\s\S]*)\\end\{pmatrix\}$/;
const assignment = /^(?:\\?[a-zA-Z]+(?:_\{?\w+\}?)?(?:\([a-z]\))?)\s*(?:=|\\in(?![a-z]))\s*(?=\S)/;

/** Reads an answer in LaTeX or plain notation. */
export function readMathValue(text: string): MathValue {
  return read(normalizeLatex(text).replace(assignment, ''), 0);
}

function read(text: string, depth: number): MathValue {
  const trimmed = withoutThousands(text.trim());
  if (depth >= maxDepth) return expression(trimmed);
  return (
    matrixOf(trimmed, depth) ??
    unionOf(trimmed, depth) ??
    bracketed(trimmed, depth) ??
    listOf(trimmed, depth) ??
    expression(trimmed)
  );
}

function expression(text: string): MathValue {
  const isPercent = /(?:\\?%|\bpercent)$/.test(text);
  const bare = isPercent ? text.replace(/\s*(?:\\?%|\bpercent)$/, '') : withoutUnit(text);
  return { kind: 'expression', latex: mixedNumber(bare.trim()), isPercent };
}

/** `1 \frac{1}{2}` and `1 1/2` are sums. */
function mixedNumber(text: string): string {
  const match = /^([-+]?)(\d+)\s*(?:\\frac\s*\{?(\d+)\}?\s*\{?(\d+)\}?|\s(\d+)\/(\d+))$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole, top = match[5], bottom = match[6]] = match;
  return `${sign}(${whole}+\\frac{${top}}{${bottom}})`;
}

function matrixOf(text: string, depth: number): MathValue | undefined {
  const body = matrix.exec(text)?.[1];
  if (body === undefined) return undefined;
  const rows = body.split('\\\\').filter((row) => row.trim() !== '');
  const items = rows.map((row) => collection('row', '', true, row.split('&'), depth + 1));
  return { kind: 'collection', open: 'matrix', close: '', isOrdered: true, items };
}

function unionOf(text: string, depth: number): MathValue | undefined {
  const parts = text.split(/\\cup(?![a-z])/);
  return parts.length < 2 ? undefined : collection('union', '', false, parts, depth);
}

function bracketed(text: string, depth: number): MathValue | undefined {
  const open = Object.keys(brackets).find((each) => text.startsWith(each));
  if (open === undefined) return undefined;
  const close = [')', ']', '\\}', '\\rangle'].find((each) => text.endsWith(each));
  if (close === undefined || closing(text) !== text.length - close.length) return undefined;
  const inner = text.slice(open.length, text.length - close.length);
  const parts = splitAtCommas(inner);
  const isSet = open === '\\{' && close === '\\}';
  // Brackets around one thing are brackets of an expression.
  if (parts.length < 2 && !isSet) return open === '(' && close === ')' ? read(inner, depth + 1) : undefined;
  const [first, last] = isSet ? ['{', '}'] : open === '\\langle' ? ['(', ')'] : [open, close];
  return collection(first ?? '', last ?? '', !isSet, inner.trim() === '' ? [] : parts, depth);
}

function listOf(text: string, depth: number): MathValue | undefined {
  const signs = /^([^,]*?)\s*\\pm\s*([^,]+)$/.exec(text);
  if (signs !== null) {
    const [, base = '', rest = ''] = signs;
    return collection('', '', false, [`${base}+${rest}`.replace(/^\+/, ''), `${base}-${rest}`], depth);
  }
  const parts = splitAtCommas(text.replace(/\s+(?:and|or)\s+/g, ','));
  return parts.length < 2 ? undefined : collection('', '', false, parts, depth);
}

function collection(
  open: string,
  close: string,
  isOrdered: boolean,
  parts: readonly string[],
  depth: number,
): MathValue {
  const items = parts.map((part) => read(part.replace(assignment, ''), depth + 1));
  return { kind: 'collection', open, close, isOrdered, items };
}

/** Where the bracket that opens a text is closed, whichever its closing form; -1 where it is not. */
function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const token = /^(?:\\[{}]|\\langle|\\rangle|[()[\]{}])/.exec(text.slice(at, at + 7))?.[0];
    if (token === undefined) continue;
    if (['(', '[', '{', '\\{', '\\langle'].includes(token)) depth++;
    else if (--depth === 0) return at;
    at += token.length - 1;
  }
  return -1;
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if ((character === ',' || character === ';') && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
