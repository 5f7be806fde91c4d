import { toFloat } from './arithmetic.js';
import { asNumber } from './compare.js';
import { codePointLength } from './code-points.js';
import { raise } from './errors.js';
import type { Meter } from './meter.js';
import { exponentText, fixedText, floatText, scientific } from './number-text.js';
import { integerText, text } from './text.js';
import { typeName, type Value } from './values.js';

/** A parsed format specification. */
interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/** Greatest precision: CPython takes more, and no workflow needs it. */
const MAX_PRECISION = 1_000;

function parseSpec(meter: Meter, source: string, value: Value): Spec {
  const bad = (): never => {
    throw raise('ValueError', `Invalid format specifier '${source}' for object of type '${typeName(value)}'`);
  };
  const match = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su.exec(source);
  if (match === null) return bad();
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, type] = match;
  const size = width === undefined ? 0 : Number(width);
  meter.string(size);
  const digits = precision === undefined ? undefined : Number(precision);
  if (digits !== undefined && digits > MAX_PRECISION && typeof value !== 'string') {
    throw raise('ValueError', 'precision too big');
  }
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: align ?? (zero === undefined || typeof value === 'string' ? '' : '='),
    sign: sign ?? '-',
    alternate: alternate !== undefined,
    width: size,
    grouping: grouping ?? '',
    precision: digits,
    type: type ?? '',
  };
}

/**
 * Python's `format(value, spec)` for strings and numbers; other values take only
 * an empty specification.
 *
 * @throws Raised ValueError or TypeError as Python does
 */
export function format(meter: Meter, value: Value, source: string): string {
  if (source === '') {
    const plain = text(value);
    meter.string(plain.length);
    return plain;
  }
  if (typeof value === 'string') return formatString(value, parseSpec(meter, source, value));
  const number = asNumber(value);
  if (number === undefined) {
    throw raise('TypeError', `unsupported format string passed to ${typeName(value)}.__format__`);
  }
  const spec = parseSpec(meter, source, value);
  if (spec.grouping !== '' && (spec.type === 'n' || (spec.grouping === ',' && BASES.has(spec.type)))) {
    throw raise('ValueError', `Cannot specify '${spec.grouping}' with '${spec.type}'.`);
  }
  const { sign, digits } =
    typeof number === 'bigint' && !'eEfFgG%'.includes(spec.type || 'd')
      ? integerParts(number, spec)
      : floatParts(toFloat(number), spec);
  return padNumber(sign, digits, spec);
}

function formatString(value: string, spec: Spec): string {
  if ((spec.type !== '' && spec.type !== 's') || spec.align === '=' || spec.grouping !== '') {
    throw raise(
      'ValueError',
      `Unknown format code '${spec.type || spec.align || spec.grouping}' for object of type 'str'`,
    );
  }
  const cut = spec.precision === undefined ? value : Array.from(value).slice(0, spec.precision).join('');
  return pad(cut, spec.fill, spec.align || '<', spec.width);
}

/** Fills a text up to a width in code points. */
export function pad(value: string, fill: string, align: string, width: number): string {
  const missing = width - codePointLength(value);
  if (missing <= 0) return value;
  if (align === '<') return value + fill.repeat(missing);
  if (align === '>') return fill.repeat(missing) + value;
  const before = Math.floor(missing / 2);
  return fill.repeat(before) + value + fill.repeat(missing - before);
}

interface NumberParts {
  readonly sign: string;
  readonly digits: string;
}

const BASES: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['b', [2, '0b']],
  ['o', [8, '0o']],
  ['x', [16, '0x']],
  ['X', [16, '0X']],
]);

function integerParts(value: bigint, spec: Spec): NumberParts {
  if (spec.precision !== undefined)
    throw raise('ValueError', 'Precision not allowed in integer format specifier');
  const magnitude = value < 0n ? -value : value;
  const sign = signText(value < 0n, spec);
  const base = BASES.get(spec.type);
  if (base !== undefined) {
    const digits = magnitude.toString(base[0]);
    const shown = spec.type === 'X' ? digits.toUpperCase() : digits;
    return { sign: sign + (spec.alternate ? base[1] : ''), digits: group(shown, spec.grouping, 4) };
  }
  if (spec.type === 'c') {
    if (value < 0n || value > 0x10ffffn) throw raise('OverflowError', '%c arg not in range(0x110000)');
    return { sign: '', digits: String.fromCodePoint(Number(value)) };
  }
  if (spec.type !== '' && spec.type !== 'd' && spec.type !== 'n') {
    throw raise('ValueError', `Unknown format code '${spec.type}' for object of type 'int'`);
  }
  return { sign, digits: group(integerText(magnitude), spec.grouping, 3) };
}

function signText(negative: boolean, spec: Spec): string {
  if (negative) return '-';
  return spec.sign === '-' ? '' : spec.sign;
}

function floatParts(value: number, spec: Spec): NumberParts {
  const negative = value < 0 || Object.is(value, -0);
  const sign = signText(negative, spec);
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return { sign, digits: Number.isNaN(value) ? 'nan' : 'inf' };
  const shown = floatDigits(magnitude, spec);
  const point = shown.search(/[.e%]/);
  const whole = point < 0 ? shown : shown.slice(0, point);
  return { sign, digits: group(whole, spec.grouping, 3) + (point < 0 ? '' : shown.slice(point)) };
}

function floatDigits(value: number, spec: Spec): string {
  const precision = spec.precision ?? 6;
  switch (spec.type) {
    case 'f':
    case 'F':
      return fixedText(value, precision);
    case '%':
      return `${fixedText(value * 100, precision)}%`;
    case 'e':
    case 'E': {
      const { digits, exponent } = scientific(value, precision + 1);
      const mantissa = precision === 0 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`;
      const shown = mantissa + exponentText(exponent);
      return spec.type === 'E' ? shown.toUpperCase() : shown;
    }
    case 'g':
    case 'G':
    case 'n':
      return general(value, precision || 1, spec);
    case '':
      return spec.precision === undefined
        ? floatText(value)
        : withPoint(general(value, precision || 1, spec, (precision || 1) - 1));
    default:
      throw raise('ValueError', `Unknown format code '${spec.type}' for object of type 'float'`);
  }
}

function withPoint(shown: string): string {
  return /[.e]/.test(shown) ? shown : `${shown}.0`;
}

/** The `g` form; numbers with a decimal exponent from `limit` up are written with an exponent. */
function general(value: number, precision: number, spec: Spec, limit = precision): string {
  const { digits, exponent } = scientific(value, precision);
  const trim = (shown: string): string =>
    spec.alternate || !shown.includes('.') ? shown : shown.replace(/\.?0+$/, '');
  if (exponent < -4 || exponent >= limit) {
    const mantissa = trim(digits.length === 1 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`);
    const shown = mantissa + exponentText(exponent);
    return spec.type === 'G' ? shown.toUpperCase() : shown;
  }
  return trim(fixedText(value, Math.max(0, precision - 1 - exponent)));
}

function group(digits: string, separator: string, otherSize: number): string {
  if (separator === '') return digits;
  const size = separator === '_' ? otherSize : 3;
  const parts: string[] = [];
  for (let end = digits.length; end > 0; end -= size)
    parts.unshift(digits.slice(Math.max(0, end - size), end));
  return parts.join(separator);
}

function padNumber(sign: string, digits: string, spec: Spec): string {
  if (spec.align !== '=') return pad(sign + digits, spec.fill, spec.align || '>', spec.width);
  return sign + pad(digits, spec.fill, '>', spec.width - sign.length);
}
