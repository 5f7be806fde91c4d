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
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** The code points, one string each. */
export function codePoints(text: string): string[] {
  return isFlat(text) ? text.split('') : Array.from(text);
}

/** The code point at an index within the string. */
export function codePointAt(text: string, index: number): string {
  return isFlat(text) ? text.charAt(index) : (Array.from(text)[index] ?? '');
}

/** Converts an offset in UTF-16 units to one in code points. */
export function toPointOffset(text: string, unit: number): number {
  return isFlat(text) ? unit : codePointLength(text.slice(0, unit));
}

/** The part between two offsets in code points, both within the string. */
export function slicePoints(text: string, start: number, end: number): string {
  if (isFlat(text)) return text.slice(start, end);
  return Array.from(text).slice(start, end).join('');
}
