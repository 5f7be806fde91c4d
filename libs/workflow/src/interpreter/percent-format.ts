import { toFloat, truncated } from './arithmetic.js';
import { asNumber, getEntry } from './compare.js';
import { raise, raiseWith } from './errors.js';
import { format } from './format-spec.js';
import type { Meter } from './meter.js';
import { repr, text } from './text.js';
import { DictValue, TupleValue, typeName, type Value } from './values.js';

const CONVERSION = /%(?:\(([^)]*)\))?([-+ #0]*)(\d+|\*)?(?:\.(\d*|\*))?([a-zA-Z%])/g;

/**
 * Python's `template % values`.
 *
 * @throws Raised TypeError, ValueError or KeyError as Python does
 */
export function percentFormat(meter: Meter, template: string, values: Value): string {
  const items = values instanceof TupleValue ? values.items : [values];
  let used = 0;
  let named = false;
  let length = 0;
  const next = (): Value => {
    const value = items[used++];
    if (value === undefined) throw raise('TypeError', 'not enough arguments for format string');
    return value;
  };
  const result = template.replace(
    CONVERSION,
    (_, name: string | undefined, flags: string, width = '', precision: string | undefined, type: string) => {
      if (type === '%') return '%';
      const { size, isLeft } = width === '*' ? starWidth(next()) : { size: width, isLeft: false };
      const cut = precision === '*' ? starPrecision(next()) : precision;
      let value: Value;
      if (name === undefined) value = next();
      else {
        named = true;
        if (!(values instanceof DictValue)) throw raise('TypeError', 'format requires a mapping');
        const found = getEntry(values, name);
        if (found === undefined) throw raiseWith('KeyError', name);
        value = found;
      }
      const piece = convert(meter, value, isLeft ? `${flags}-` : flags, size, cut, type);
      length += piece.length;
      if (length > meter.limits.stringLength) meter.string(length);
      return piece;
    },
  );
  if (!named && used < items.length && !(values instanceof DictValue)) {
    throw raise('TypeError', 'not all arguments converted during string formatting');
  }
  meter.string(result.length);
  return result;
}

/** A width that stands among the values; a negative one aligns to the left. */
function starWidth(value: Value): { size: string; isLeft: boolean } {
  const width = starNumber(value);
  return { size: width === 0n ? '' : String(width < 0n ? -width : width), isLeft: width < 0n };
}

/** A precision that stands among the values; a negative one is 0. */
function starPrecision(value: Value): string {
  const precision = starNumber(value);
  return precision < 0n ? '0' : String(precision);
}

function starNumber(value: Value): bigint {
  const number = asNumber(value);
  if (typeof number !== 'bigint') throw raise('TypeError', '* wants int');
  if (number >= 2n ** 31n || number < -(2n ** 31n))
    throw raise('OverflowError', 'Python int too large to convert to C int');
  return number;
}

function convert(
  meter: Meter,
  value: Value,
  flags: string,
  width: string,
  precision: string | undefined,
  type: string,
): string {
  const align = flags.includes('-') ? '<' : '>';
  // A point without digits is a precision of 0.
  const cut = precision === undefined ? '' : `.${precision || '0'}`;
  if (type === 's' || type === 'r' || type === 'a') {
    return format(meter, type === 's' ? text(value) : repr(value), `${align}${width}${cut}`);
  }
  const number = asNumber(value);
  if (number === undefined) {
    throw raise('TypeError', `%${type} format: a real number is required, not ${typeName(value)}`);
  }
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const zero = flags.includes('0') && align === '>' ? '0' : '';
  const head = zero === '' ? `${align}${sign}` : sign;
  if (type === 'd' || type === 'i' || type === 'u') {
    return format(meter, truncated(number), `${head}${zero}${width}d`);
  }
  if ('xXo'.includes(type) && typeof number !== 'bigint') {
    throw raise('TypeError', `%${type} format: an integer is required, not ${typeName(value)}`);
  }
  if ('xXo'.includes(type)) return format(meter, number, `${head}${zero}${width}${type}`);
  if ('eEfFgG'.includes(type)) return format(meter, toFloat(number), `${head}${zero}${width}${cut}${type}`);
  throw raise('ValueError', `unsupported format character '${type}'`);
}
