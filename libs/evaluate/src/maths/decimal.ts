const decimal = /^([-+]?)(\d*)(?:\.(\d*))?$/;
const quotient =
  /^(?<sign>[-+]?)\s*(?:\\frac\s*(?:\{(?<top>[^{}]*)\}|(?<topDigit>\d))\s*(?:\{(?<bottom>[^{}]*)\}|(?<bottomDigit>\d))|(?<over>[\d.]+)\s*\/\s*(?<under>[-+]?[\d.]+))$/;

/** Greatest number of digits that is computed with. */
const maxDigits = 400;

/** A number as a quotient of integers. */
export interface Rational {
  readonly top: bigint;
  /** Above 0. */
  readonly bottom: bigint;
  /** Places after the point where it was written as a decimal; undefined for a quotient or an integer. */
  readonly places: number | undefined;
}

/** The number that a decimal, integer or fraction stands for; undefined for anything else. */
export function readRational(text: string): Rational | undefined {
  if (text.length > maxDigits) return undefined;
  const plain = readDecimal(text);
  if (plain !== undefined) return plain;
  const groups = quotient.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const a = readDecimal((groups.top ?? groups.topDigit ?? groups.over ?? '').trim());
  const b = readDecimal((groups.bottom ?? groups.bottomDigit ?? groups.under ?? '').trim());
  if (a === undefined || b === undefined || b.top === 0n) return undefined;
  const value = { top: a.top * b.bottom, bottom: a.bottom * b.top };
  const turned = (groups.sign === '-') !== value.bottom < 0n;
  return {
    top: turned ? -value.top : value.top,
    bottom: value.bottom < 0n ? -value.bottom : value.bottom,
    places: undefined,
  };
}

function readDecimal(text: string): Rational | undefined {
  const [, sign = '', whole = '', part] = decimal.exec(text) ?? [];
  if (whole === '' && (part === undefined || part === '')) return undefined;
  const digits = BigInt(`${whole}${part ?? ''}`);
  return {
    top: sign === '-' ? -digits : digits,
    bottom: 10n ** BigInt(part?.length ?? 0),
    places: part === undefined || part === '' ? undefined : part.length,
  };
}

/** Least number of places at which a rounded decimal counts as the number it was rounded from. */
const roundedPlaces = 4;

/** Whether two numbers are equal, or one is the other rounded to 4 places or more. */
export function equalRationals(a: Rational, b: Rational): boolean {
  if (a.top * b.bottom === b.top * a.bottom) return true;
  return isRounded(a, b) || isRounded(b, a);
}

function isRounded(short: Rational, exact: Rational): boolean {
  if (short.places === undefined || short.places < roundedPlaces) return false;
  if (exact.places !== undefined && exact.places <= short.places) return false;
  // |short − exact| ≤ half a unit in the last place of short.
  const difference = short.top * exact.bottom - exact.top * short.bottom;
  const distance = difference < 0n ? -difference : difference;
  return 2n * distance * 10n ** BigInt(short.places) <= short.bottom * exact.bottom;
}

/** A hundredth of a number. */
export function hundredth(value: Rational): Rational {
  return { ...value, bottom: value.bottom * 100n };
}
