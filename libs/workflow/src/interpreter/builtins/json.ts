import { order, setEntry, truthy } from '../compare.js';
import { raise } from '../errors.js';
import { codePointLength, toPointOffset } from '../code-points.js';
import type { Meter } from '../meter.js';
import { floatText } from '../number-text.js';
import { checkDigits, integerText, text } from '../text.js';
import type { ObjectValue } from '../values.js';
import { BuiltinValue, DictValue, ListValue, TupleValue, typeName, type Value } from '../values.js';
import { checkNesting, PRINTING, Walk } from '../walk.js';
import { integerArgument, pure, stringArgument, type Builtin } from './builtin.js';

/** How `json.dumps` writes. */
interface Style {
  readonly indent: string | undefined;
  readonly ascii: boolean;
  readonly sort: boolean;
  /** Between items, and between key and value. */
  readonly separators: readonly [string, string];
  /** Whether anything else is written as its text: `default=str`. */
  readonly asText: boolean;
}

function encodeString(value: string, style: Style): string {
  const quoted = JSON.stringify(value).replaceAll('\u007f', style.ascii ? '\\u007f' : '\u007f');
  if (!style.ascii) return quoted;
  return quoted.replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return String(key);
  if (typeof key === 'bigint' || typeof key === 'number') return text(key);
  throw raise('TypeError', `keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** One run of `json.dumps`: what is open, and how much it has written. */
class Writer {
  private readonly walk = new Walk();
  private readonly open = new Set<ObjectValue>();

  constructor(private readonly style: Style) {}

  write(value: Value): string {
    if (value instanceof ListValue || value instanceof TupleValue) {
      return this.within(value, () =>
        this.bracket(
          '[',
          ']',
          value.items.map((item) => this.write(item)),
        ),
      );
    }
    if (value instanceof DictValue) {
      return this.within(value, () => this.bracket('{', '}', this.members(value)));
    }
    const plain = encodePlain(value, this.style);
    this.walk.text(plain.length);
    return plain;
  }

  private members(dict: DictValue): string[] {
    const { sort, separators } = this.style;
    const entries = Array.from(dict.entries.values(), ({ key, value }) => ({
      text: encodeString(keyText(key), this.style),
      key,
      value,
    }));
    if (sort) {
      entries.sort((a, b) => (order('<', b.key, a.key) ? 1 : order('<', a.key, b.key) ? -1 : 0));
    }
    return entries.map(({ text: name, value }) => {
      this.walk.text(name.length + separators[1].length);
      return name + separators[1] + this.write(value);
    });
  }

  private within(value: ObjectValue, write: () => string): string {
    if (this.open.has(value)) throw raise('ValueError', 'Circular reference detected');
    this.open.add(value);
    const written = this.walk.into(PRINTING, write);
    this.open.delete(value);
    return written;
  }

  private bracket(open: string, close: string, parts: readonly string[]): string {
    const { separators, indent } = this.style;
    const [comma] = separators;
    if (parts.length === 0) return open + close;
    const level = this.open.size - 1;
    const inner = indent === undefined ? '' : `\n${indent.repeat(level + 1)}`;
    const end = indent === undefined ? '' : `\n${indent.repeat(level)}`;
    this.walk.text(parts.length * (comma.length + inner.length) + end.length);
    return `${open}${inner}${parts.join(comma + inner)}${end}${close}`;
  }
}

function encodePlain(value: Value, style: Style): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return encodeString(value, style);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return integerText(value);
  if (typeof value === 'number') return encodeFloat(value);
  if (style.asText) return encodeString(text(value), style);
  throw raise('TypeError', `Object of type ${typeName(value)} is not JSON serializable`);
}

function encodeFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}

function indentOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string'
    ? value.slice(0, 32)
    : ' '.repeat(Math.min(32, Math.max(0, Number(integerArgument(value)))));
}

function separatorsOf(value: Value | undefined, indent: string | undefined): readonly [string, string] {
  if (value === undefined || value === null) return [indent === undefined ? ', ' : ',', ': '];
  const items = value instanceof TupleValue || value instanceof ListValue ? value.items : [];
  const [comma, colon] = items;
  if (items.length !== 2 || typeof comma !== 'string' || typeof colon !== 'string')
    throw raise('TypeError', 'separators must be a pair of strings');
  return [comma, colon];
}

/** Reads JSON text as Python's `json.loads` does. */
class Reader {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly meter: Meter,
  ) {}

  read(): Value {
    this.space();
    const value = this.value(0);
    this.space();
    if (this.at < this.source.length) throw this.error('Extra data', this.at);
    return value;
  }

  private error(message: string, at: number): Error {
    const before = this.source.slice(0, at);
    const line = before.split('\n').length;
    const column = codePointLength(before.slice(before.lastIndexOf('\n') + 1)) + 1;
    const position = toPointOffset(this.source, at);
    return raise('JSONDecodeError', `${message}: line ${line} column ${column} (char ${position})`);
  }

  private space(): void {
    while (' \t\n\r'.includes(this.source.charAt(this.at)) && this.at < this.source.length) this.at += 1;
  }

  private value(level: number): Value {
    checkNesting(level);
    this.meter.step();
    const char = this.source.charAt(this.at);
    if (char === '"') return this.string();
    if (char === '{') return this.object(level);
    if (char === '[') return this.array(level);
    for (const [word, value] of WORDS) {
      if (this.source.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  private number(): Value {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.source);
    if (match === null) throw this.error('Expecting value', this.at);
    this.at += match[0].length;
    if (match[1] !== undefined || match[2] !== undefined) return Number(match[0]);
    checkDigits(match[0].replace('-', '').length);
    return BigInt(match[0]);
  }

  private string(): string {
    const start = this.at;
    let end = start + 1;
    while (end < this.source.length && this.source.charAt(end) !== '"') {
      if (this.source.charCodeAt(end) < 0x20) throw this.error('Invalid control character at', end);
      end += this.source.charAt(end) === '\\' ? 2 : 1;
    }
    if (end >= this.source.length) throw this.error('Unterminated string starting at', start);
    this.at = end + 1;
    try {
      return JSON.parse(this.source.slice(start, end + 1)) as string;
    } catch {
      throw this.error('Invalid \\escape', start);
    }
  }

  private array(level: number): Value {
    const items: Value[] = [];
    this.at += 1;
    this.space();
    if (this.take(']')) return new ListValue(items);
    for (;;) {
      this.space();
      items.push(this.value(level + 1));
      this.meter.collection(items.length, 1);
      this.space();
      if (this.take(']')) return new ListValue(items);
      if (!this.take(',')) throw this.error("Expecting ',' delimiter", this.at);
    }
  }

  private object(level: number): Value {
    const dict = new DictValue();
    this.at += 1;
    this.space();
    if (this.take('}')) return dict;
    for (;;) {
      this.space();
      if (this.source.charAt(this.at) !== '"') {
        throw this.error('Expecting property name enclosed in double quotes', this.at);
      }
      const key = this.string();
      this.space();
      if (!this.take(':')) throw this.error("Expecting ':' delimiter", this.at);
      this.space();
      setEntry(dict, key, this.value(level + 1));
      this.meter.collection(dict.entries.size, 1);
      this.space();
      if (this.take('}')) return dict;
      if (!this.take(',')) throw this.error("Expecting ',' delimiter", this.at);
    }
  }

  private take(char: string): boolean {
    if (this.source.charAt(this.at) !== char) return false;
    this.at += 1;
    return true;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, Value])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];

/** Functions of `json`. */
export const JSON_FUNCTIONS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [
    'json.dumps',
    pure(
      'dumps',
      ['obj', 'indent?', 'ensure_ascii?', 'sort_keys?', 'separators?', 'default?'],
      (bound, { meter }) => {
        const [value, indentation, ascii, sort, separators, otherwise] = bound;
        const indent = indentOf(indentation);
        const style = {
          indent,
          ascii: truthy(ascii ?? true),
          sort: truthy(sort ?? false),
          separators: separatorsOf(separators, indent),
          asText: otherwise instanceof BuiltinValue && otherwise.name === 'str',
        };
        const result = new Writer(style).write(value as Value);
        meter.string(result.length);
        return result;
      },
    ),
  ],
  [
    'json.loads',
    pure('loads', ['s'], ([source], { meter }) =>
      new Reader(stringArgument(source, 'the JSON object'), meter).read(),
    ),
  ],
]);
