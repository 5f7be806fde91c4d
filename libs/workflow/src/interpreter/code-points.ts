/**
 * Python counts strings in code points, JavaScript in UTF-16 units. Most
 * strings have no surrogates and need no conversion.
 */
const SURROGATE = /[\uD800-\uDFFF]/;

/** Whether code points and UTF-16 units are the same in the string. */
export function isFlat(text: string): boolean {
  return !SURROGATE.test(text);
}

/** Number of code points. */
export function codePointLength(text: string): number {
  if (isFlat(text)) return text.length;
  let pairs = 0;
  for (let i = 1; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) continue;
    const before = text.charCodeAt(i - 1);
    if (before >= 0xd800 && before <= 0xdbff) pairs += 1;
  }
  return text.length - pairs;
}

/** The code points, one string each. */
export function codePoints(text: string): string[] {
  return isFlat(text) ? text.split('') : Array.from(text);
}

/** The code point at an index within the string. */
export function codePointAt(text: string, index: number): string {
  if (isFlat(text)) return text.charAt(index);
  const unit = toUnitOffset(text, index);
  return String.fromCodePoint(text.codePointAt(unit) as number);
}

/** Converts an offset in UTF-16 units to one in code points. */
export function toPointOffset(text: string, unit: number): number {
  return isFlat(text) ? unit : codePointLength(text.slice(0, unit));
}

/** Converts a number of code points after an offset in UTF-16 units to an offset in such units. */
function toUnitOffset(text: string, points: number, from = 0): number {
  let unit = from;
  for (let left = points; left > 0 && unit < text.length; left -= 1) {
    unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1;
  }
  return unit;
}

/** The part between two offsets in code points, both within the string. */
export function slicePoints(text: string, start: number, end: number): string {
  if (isFlat(text)) return text.slice(start, end);
  const from = toUnitOffset(text, start);
  return text.slice(from, toUnitOffset(text, end - start, from));
}
