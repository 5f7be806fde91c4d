import { bind, integerArgument, stringArgument, type Bound } from '../builtins/builtin.js';
import { codePointLength, codePoints, slicePoints, toPointOffset } from '../code-points.js';
import { hashKey } from '../compare.js';
import { raise } from '../errors.js';
import { pad } from '../format-spec.js';
import type { CallArguments } from '../functions.js';
import type { Machine } from '../machine.js';
import type { Meter } from '../meter.js';
import { eachOccurrence, findText } from '../text-search.js';
import { DictValue, TupleValue, typeName, type Value } from '../values.js';
import { capitalize, caseFold, swapCase, title } from './string-case.js';
import { STRING_TESTS } from './string-tests.js';
import { formatMethod } from './string-format.js';
import { split, splitLines, splitText } from './string-split.js';

type StringMethod = (machine: Machine, text: string, args: CallArguments) => Value;

function method(
  name: string,
  parameters: readonly string[],
  run: (text: string, bound: Bound, machine: Machine) => Value,
): [string, StringMethod] {
  return [
    name,
    (machine, text, args) => {
      const result = run(text, bind(name, args, parameters), machine);
      if (typeof result === 'string') machine.meter.string(result.length);
      return result;
    },
  ];
}

const SPACE = new Set(
  ' \t\n\r\v\f\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);

function strip(text: string, chars: Value | undefined, left: boolean, right: boolean): string {
  const drop = chars === undefined || chars === null ? SPACE : new Set(stringArgument(chars, 'strip arg'));
  const points = codePoints(text);
  let start = 0;
  let end = points.length;
  if (left) while (start < end && drop.has(points[start] as string)) start += 1;
  if (right) while (end > start && drop.has(points[end - 1] as string)) end -= 1;
  return points.slice(start, end).join('');
}

/** Start and end within the text, as Python clamps them, in UTF-16 units, with the text between. */
function range(
  text: string,
  start: Value | undefined,
  end: Value | undefined,
): { part: string; offset: number; empty: boolean } {
  const length = codePointLength(text);
  const clamp = (value: Value | undefined, otherwise: number): number => {
    if (value === undefined || value === null) return otherwise;
    const number = Number(integerArgument(value));
    return number < 0 ? Math.max(0, number + length) : number;
  };
  const from = clamp(start, 0);
  const to = Math.min(length, clamp(end, length));
  return { part: from <= to ? slicePoints(text, from, to) : '', offset: from, empty: from > to };
}

function find(text: string, bound: Bound, last: boolean): bigint {
  const [wanted, start, end] = bound;
  const { part, offset, empty } = range(text, start, end);
  const sub = stringArgument(wanted, 'find() argument 1');
  const at = empty ? -1 : findText(part, sub, last);
  return at < 0 ? -1n : BigInt(offset + toPointOffset(part, at));
}

function index(text: string, bound: Bound, last: boolean): bigint {
  const at = find(text, bound, last);
  if (at < 0n) throw raise('ValueError', 'substring not found');
  return at;
}

function count(text: string, [wanted, start, end]: Bound): bigint {
  const { part, empty } = range(text, start, end);
  const sub = stringArgument(wanted, 'count() argument 1');
  if (empty) return 0n;
  if (sub === '') return BigInt(codePointLength(part) + 1);
  let times = 0n;
  eachOccurrence(part, sub, false, () => (times += 1n) > 0n);
  return times;
}

function affix(text: string, bound: Bound, name: 'startsWith' | 'endsWith'): boolean {
  const [wanted, start, end] = bound;
  const { part, empty } = range(text, start, end);
  const options = wanted instanceof TupleValue ? wanted.items : [wanted ?? null];
  return options.some((option) => {
    if (typeof option === 'string') return !empty && part[name](option);
    throw raise(
      'TypeError',
      `${name.toLowerCase()} first arg must be str or a tuple of str, not ${typeName(option)}`,
    );
  });
}

function replace(machine: Machine, text: string, [from, to, most]: Bound): string {
  const wanted = stringArgument(from, 'replace() argument 1');
  const instead = stringArgument(to, 'replace() argument 2');
  const limit = most === undefined ? -1 : Number(integerArgument(most));
  if (limit === 0) return text;
  const pieces =
    wanted === '' ? betweenPoints(text, limit) : splitText(text, wanted, limit < 0 ? Infinity : limit, false);
  machine.meter.string(text.length + (pieces.length - 1) * Math.max(0, instead.length - wanted.length));
  return pieces.join(instead);
}

/** The pieces of a text between which something is put before each code point and at the end, at most so many times. */
function betweenPoints(text: string, most: number): string[] {
  const points = codePoints(text);
  if (most < 0 || most > points.length) return ['', ...points, ''];
  return ['', ...points.slice(0, most - 1), points.slice(most - 1).join('')];
}

function partition(text: string, separator: Value | undefined, last: boolean): Value {
  const sub = stringArgument(separator, 'separator');
  if (sub === '') throw raise('ValueError', 'empty separator');
  const at = findText(text, sub, last);
  if (at < 0) return new TupleValue(last ? ['', '', text] : [text, '', '']);
  return new TupleValue([text.slice(0, at), sub, text.slice(at + sub.length)]);
}

function justify(name: string, align: string): [string, StringMethod] {
  return method(name, ['width', 'fillchar?'], (text, [width, fill], { meter }) => {
    const size = Number(integerArgument(width));
    meter.string(Math.max(0, size));
    const filler = fill === undefined ? ' ' : stringArgument(fill, 'The fill character');
    if (codePointLength(filler) !== 1)
      throw raise('TypeError', 'The fill character must be exactly one character long');
    if (align !== '^') return pad(text, filler, align, size);
    const missing = size - codePointLength(text);
    if (missing <= 0) return text;
    // CPython puts the odd one to the left where the width is odd.
    const before = (missing >> 1) + (missing & size & 1);
    return filler.repeat(before) + text + filler.repeat(missing - before);
  });
}

function zeroFill(text: string, width: Value | undefined, machine: Machine): string {
  const size = Number(integerArgument(width));
  machine.meter.string(Math.max(0, size));
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const missing = size - codePointLength(text);
  return missing <= 0 ? text : sign + '0'.repeat(missing) + text.slice(sign.length);
}

function expandTabs(text: string, size: Value | undefined, machine: Machine): string {
  const width = size === undefined ? 8 : Number(integerArgument(size));
  if (width > 1_000) throw raise('OverflowError', 'expandtabs() size should not exceed 1000 here');
  machine.meter.string(text.length + (text.split('\t').length - 1) * Math.max(0, width));
  let column = 0;
  return codePoints(text)
    .map((char) => {
      if (char === '\t') {
        const spaces = width <= 0 ? 0 : width - (column % width);
        column += spaces;
        return ' '.repeat(spaces);
      }
      column = char === '\n' || char === '\r' ? 0 : column + 1;
      return char;
    })
    .join('');
}

function translation(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'bigint') return stringArgument(value, 'a translation');
  if (value < 0n || value > 0x10ffffn)
    throw raise('ValueError', 'character mapping must be in range(0x110000)');
  return String.fromCodePoint(Number(value));
}

/** Replaces the code points that are keys of a dict. */
function translate(meter: Meter, text: string, table: Value): string {
  if (!(table instanceof DictValue)) throw raise('TypeError', 'translate() takes a dict of code points');
  let length = 0;
  return codePoints(text)
    .map((char) => {
      const found = table.entries.get(hashKey(BigInt(char.codePointAt(0) as number)));
      if (found === undefined) return char;
      const instead = translation(found.value);
      length += instead.length;
      if (length > meter.limits.stringLength) meter.string(length);
      return instead;
    })
    .join('');
}

/** Methods of strings; nothing in their arguments is lazy. */
export const STRING_METHODS: ReadonlyMap<string, StringMethod> = new Map<string, StringMethod>([
  method('lower', [], (text) => text.toLowerCase()),
  method('upper', [], (text) => text.toUpperCase()),
  method('casefold', [], caseFold),
  method('capitalize', [], capitalize),
  method('title', [], title),
  method('swapcase', [], swapCase),
  method('strip', ['chars?'], (text, [chars]) => strip(text, chars, true, true)),
  method('lstrip', ['chars?'], (text, [chars]) => strip(text, chars, true, false)),
  method('rstrip', ['chars?'], (text, [chars]) => strip(text, chars, false, true)),
  method('split', ['sep?', 'maxsplit?'], (text, bound, { meter }) => split(meter, text, bound, false)),
  method('rsplit', ['sep?', 'maxsplit?'], (text, bound, { meter }) => split(meter, text, bound, true)),
  method('splitlines', ['keepends?'], (text, [keep], { meter }) => splitLines(meter, text, keep)),
  method('find', ['sub', 'start?', 'end?'], (text, bound) => find(text, bound, false)),
  method('rfind', ['sub', 'start?', 'end?'], (text, bound) => find(text, bound, true)),
  method('index', ['sub', 'start?', 'end?'], (text, bound) => index(text, bound, false)),
  method('rindex', ['sub', 'start?', 'end?'], (text, bound) => index(text, bound, true)),
  method('count', ['sub', 'start?', 'end?'], count),
  method('startswith', ['prefix', 'start?', 'end?'], (text, bound) => affix(text, bound, 'startsWith')),
  method('endswith', ['suffix', 'start?', 'end?'], (text, bound) => affix(text, bound, 'endsWith')),
  method('replace', ['old', 'new', 'count?'], (text, bound, machine) => replace(machine, text, bound)),
  method('removeprefix', ['prefix'], (text, [prefix]) => {
    const head = stringArgument(prefix, 'removeprefix() argument');
    return text.startsWith(head) ? text.slice(head.length) : text;
  }),
  method('removesuffix', ['suffix'], (text, [suffix]) => {
    const tail = stringArgument(suffix, 'removesuffix() argument');
    return tail !== '' && text.endsWith(tail) ? text.slice(0, -tail.length) : text;
  }),
  method('partition', ['sep'], (text, [separator]) => partition(text, separator, false)),
  method('rpartition', ['sep'], (text, [separator]) => partition(text, separator, true)),
  justify('ljust', '<'),
  justify('rjust', '>'),
  justify('center', '^'),
  method('zfill', ['width'], (text, [width], machine) => zeroFill(text, width, machine)),
  method('expandtabs', ['tabsize?'], (text, [size], machine) => expandTabs(text, size, machine)),
  method('translate', ['table'], (text, [table], { meter }) => translate(meter, text, table as Value)),
  ...Array.from(STRING_TESTS, ([name, test]) => method(name, [], (text) => test(text))),
  ['format', (machine, text, args) => formatMethod(machine.meter, text, args)],
]);
