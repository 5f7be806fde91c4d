import { asNumber } from './compare.js';
import { raise } from './errors.js';
import { floatText } from './number-text.js';
import type { ObjectValue } from './values.js';
import {
  BoundMethod,
  BuiltinValue,
  DictValue,
  DictView,
  ExceptionValue,
  FunctionValue,
  ListValue,
  MatchValue,
  PatternValue,
  RangeValue,
  SetValue,
  TupleValue,
  typeName,
  type Value,
} from './values.js';
import { PRINTING, Walk } from './walk.js';

/** Digits of an integer that Python prints; beyond them it raises ValueError. */
const INTEGER_DIGITS = 4_300;
/** Bits that surely have no more than {@link INTEGER_DIGITS} digits. */
const SURE_LIMIT = 10n ** BigInt(INTEGER_DIGITS);

/**
 * Decimal text of an integer.
 *
 * @throws Raised ValueError above 4,300 digits, as CPython does
 */
export function integerText(value: bigint): string {
  if (value >= SURE_LIMIT || value <= -SURE_LIMIT) {
    throw raise('ValueError', `Exceeds the limit (${INTEGER_DIGITS} digits) for integer string conversion`);
  }
  return value.toString();
}

/**
 * Checks the number of digits of a text that is to be read as an integer.
 *
 * @throws Raised ValueError above 4,300, as CPython does
 */
export function checkDigits(count: number): void {
  if (count <= INTEGER_DIGITS) return;
  throw raise(
    'ValueError',
    `Exceeds the limit (${INTEGER_DIGITS} digits) for integer string conversion: value has ${count} digits`,
  );
}

/** Python's `str(value)` of a value that holds nothing lazy. */
export function text(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof ExceptionValue) return exceptionText(value);
  return repr(value);
}

function exceptionText(exception: ExceptionValue): string {
  const [first] = exception.args;
  if (first === undefined) return '';
  if (exception.args.length > 1) return repr(new TupleValue(exception.args));
  return exception.type === 'KeyError' ? repr(first) : text(first);
}

/** Python's `repr(value)` of a value that holds nothing lazy. */
export function repr(value: Value): string {
  return new Printer().repr(value);
}

/** One printing: what is open, and how much it has printed. */
class Printer {
  private readonly walk = new Walk();
  private readonly open = new Set<ObjectValue>();

  repr(value: Value): string {
    if (value !== null && typeof value === 'object') return this.object(value);
    const shown = this.plain(value);
    this.walk.text(shown.length);
    return shown;
  }

  private plain(value: null | boolean | bigint | number | string): string {
    if (value === null) return 'None';
    switch (typeof value) {
      case 'boolean':
        return value ? 'True' : 'False';
      case 'bigint':
        return integerText(value);
      case 'number':
        return floatText(value);
      default:
        return stringRepr(value);
    }
  }

  private object(value: ObjectValue): string {
    if (value instanceof RangeValue) return rangeRepr(value);
    if (value instanceof ListValue) return this.within(value, '[...]', () => `[${this.list(value.items)}]`);
    if (value instanceof TupleValue) {
      return this.within(value, '(...)', () =>
        value.items.length === 1 ? `(${this.list(value.items)},)` : `(${this.list(value.items)})`,
      );
    }
    if (value instanceof DictValue) return this.within(value, '{...}', () => this.dict(value));
    if (value instanceof SetValue) return setRepr(value, this.list([...value.items.values()]));
    if (value instanceof DictView) return this.within(value.dict, '...', () => this.view(value));
    if (value instanceof ExceptionValue) {
      return this.within(value, '...', () => `${typeName(value)}(${this.list(value.args)})`);
    }
    return opaqueRepr(value);
  }

  /** Prints what holds other values, unless it is at work on it already. */
  private within(value: ObjectValue, again: string, print: () => string): string {
    if (this.open.has(value)) return again;
    this.open.add(value);
    const shown = this.walk.into(PRINTING, print);
    this.open.delete(value);
    return shown;
  }

  private list(items: readonly Value[]): string {
    return items.map((item) => this.repr(item)).join(', ');
  }

  private dict(dict: DictValue): string {
    const entries = [...dict.entries.values()];
    if (dict.isCounter) entries.sort((a, b) => compareCounts(a.value, b.value));
    const body = entries.map(({ key, value }) => `${this.repr(key)}: ${this.repr(value)}`).join(', ');
    if (!dict.isCounter) return `{${body}}`;
    return entries.length === 0 ? 'Counter()' : `Counter({${body}})`;
  }

  private view(view: DictView): string {
    const items = Array.from(view.dict.entries.values(), ({ key, value }) => {
      if (view.form === 'keys') return this.repr(key);
      return view.form === 'values' ? this.repr(value) : `(${this.repr(key)}, ${this.repr(value)})`;
    });
    return `dict_${view.form}([${items.join(', ')}])`;
  }
}

/** Counters are shown from the greatest count to the least. */
function compareCounts(a: Value, b: Value): number {
  const x = asNumber(a);
  const y = asNumber(b);
  if (x === undefined || y === undefined) return 0;
  return x > y ? -1 : x < y ? 1 : 0;
}

function setRepr(set: SetValue, body: string): string {
  if (set.isFrozen) return set.items.size === 0 ? 'frozenset()' : `frozenset({${body}})`;
  return set.items.size === 0 ? 'set()' : `{${body}}`;
}

function rangeRepr(range: RangeValue): string {
  const parts = range.step === 1n ? [range.start, range.stop] : [range.start, range.stop, range.step];
  return `range(${parts.map(integerText).join(', ')})`;
}

function opaqueRepr(value: ObjectValue): string {
  if (value instanceof BuiltinValue) return `<class '${value.name}'>`;
  if (value instanceof FunctionValue) return `<function ${value.name}>`;
  if (value instanceof BoundMethod) return `<built-in method ${value.name}>`;
  if (value instanceof PatternValue) return `re.compile(${stringRepr(value.source)})`;
  if (value instanceof MatchValue) return `<re.Match object>`;
  return `<${typeName(value)} object>`;
}

/** Python's `ascii(value)`. */
export function asciiRepr(value: Value): string {
  return repr(value).replace(/[\u0080-\uffff]|[\ud800-\udbff][\udc00-\udfff]/g, (char) => {
    const code = char.codePointAt(0) as number;
    if (code < 0x100) return hexEscape(char);
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`;
  });
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
]);

function stringRepr(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";

  const body = value.replace(
    /[\\\u0000-\u001f\u007f-\u00a0\u00ad]/g,
    (char) => ESCAPES.get(char) ?? hexEscape(char),
  );
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}

function hexEscape(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
