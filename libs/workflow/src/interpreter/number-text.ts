/** Exact decimal text of floats, as CPython prints them. */

const view = new DataView(new ArrayBuffer(8));

/** A finite float as `numerator / 2^shift`, exactly (shift may be negative). */
function exact(value: number): { numerator: bigint; shift: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const numerator = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return { numerator: value < 0 ? -numerator : numerator, shift: 1075 - Math.max(exponent, 1) };
}

/** Divides with ties to the even quotient; the divisor is positive. */
export function divideHalfEven(numerator: bigint, divisor: bigint): bigint {
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  let quotient = magnitude / divisor;
  const twice = (magnitude % divisor) * 2n;
  if (twice > divisor || (twice === divisor && (quotient & 1n) === 1n)) quotient += 1n;
  return negative ? -quotient : quotient;
}

/** `value · 10^digits` rounded to an integer, ties to even, from the float's exact value. */
export function scaledInteger(value: number, digits: number): bigint {
  const { numerator, shift } = exact(value);
  let top = numerator;
  let bottom = 1n;
  if (digits >= 0) top *= 10n ** BigInt(digits);
  else bottom *= 10n ** BigInt(-digits);
  if (shift >= 0) bottom <<= BigInt(shift);
  else top <<= BigInt(-shift);
  return divideHalfEven(top, bottom);
}

/** Text with exactly `digits` decimals, without sign of a negative zero kept apart. */
export function fixedText(value: number, digits: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  const scaled = scaledInteger(value, digits);
  const sign = scaled < 0n || Object.is(value, -0) || (value < 0 && scaled === 0n) ? '-' : '';
  const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0');
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Significant digits (without point) and decimal exponent, rounded half to even. */
export function scientific(value: number, significant: number): { digits: string; exponent: number } {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return { digits: '0'.repeat(significant), exponent: 0 };
  let exponent = Number(magnitude.toExponential().split('e')[1]);
  let text = scaledInteger(magnitude, significant - 1 - exponent).toString();
  if (text.length > significant) {
    exponent += 1;
    text = scaledInteger(magnitude, significant - 1 - exponent).toString();
  }
  return { digits: text, exponent };
}

/** An exponent as Python writes it: a sign and at least two digits. */
export function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${Math.abs(exponent).toString().padStart(2, '0')}`;
}

/** Python's `repr` of a float. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) return mantissa + exponentText(exponent);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace('-', '').replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
