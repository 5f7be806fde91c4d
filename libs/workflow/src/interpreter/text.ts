import { checkNesting } from './compare.js';
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
export function repr(value: Value, open: readonly ObjectValue[] = []): string {
  if (value === null) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return integerText(value);
    case 'number':
      return floatText(value);
    case 'string':
      return stringRepr(value);
    default:
      return objectRepr(value, open);
  }
}

function objectRepr(value: ObjectValue, open: readonly ObjectValue[]): string {
  checkNesting(open.length);
  const inner = [...open, value];
  const list = (items: Iterable<Value>): string => Array.from(items, (item) => repr(item, inner)).join(', ');
  if (value instanceof ListValue) return open.includes(value) ? '[...]' : `[${list(value.items)}]`;
  if (value instanceof TupleValue)
    return value.items.length === 1 ? `(${list(value.items)},)` : `(${list(value.items)})`;
  if (value instanceof DictValue) return open.includes(value) ? '{...}' : dictRepr(value, inner);
  if (value instanceof SetValue) return setRepr(value, list(value.items.values()));
  if (value instanceof RangeValue) return rangeRepr(value);
  if (value instanceof DictView) return viewRepr(value, inner);
  if (value instanceof ExceptionValue) return `${typeName(value)}(${list(value.args)})`;
  return opaqueRepr(value);
}

function dictRepr(dict: DictValue, open: readonly ObjectValue[]): string {
  const entries = [...dict.entries.values()];
  if (dict.isCounter) entries.sort((a, b) => compareCounts(a.value, b.value));
  const body = entries.map(({ key, value }) => `${repr(key, open)}: ${repr(value, open)}`).join(', ');
  if (!dict.isCounter) return `{${body}}`;
  return entries.length === 0 ? 'Counter()' : `Counter({${body}})`;
}

/** Counters are shown from the greatest count to the least. */
function compareCounts(a: Value, b: Value): number {
  return typeof a === 'bigint' && typeof b === 'bigint' && a !== b ? (a > b ? -1 : 1) : 0;
}

function setRepr(set: SetValue, body: string): string {
  if (set.isFrozen) return set.items.size === 0 ? 'frozenset()' : `frozenset({${body}})`;
  return set.items.size === 0 ? 'set()' : `{${body}}`;
}

function rangeRepr(range: RangeValue): string {
  const step = range.step === 1n ? '' : `, ${range.step}`;
  return `range(${range.start}, ${range.stop}${step})`;
}

function viewRepr(view: DictView, open: readonly ObjectValue[]): string {
  const items = Array.from(view.dict.entries.values(), ({ key, value }) => {
    if (view.form === 'keys') return repr(key, open);
    return view.form === 'values' ? repr(value, open) : `(${repr(key, open)}, ${repr(value, open)})`;
  });
  return `dict_${view.form}([${items.join(', ')}])`;
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
