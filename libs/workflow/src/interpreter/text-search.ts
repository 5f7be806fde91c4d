/**
 * Searches that take time proportional to the text whatever is searched for: the
 * host's own compare a long part anew at every place where it begins to match.
 */

/** Parts up to this length are left to the host, in UTF-16 units. */
const SHORT = 16;

/** Called with the offset of an occurrence, in UTF-16 units; false ends the search. */
type Visit = (offset: number) => boolean;

/**
 * Calls back with each occurrence of a part that is not empty. They do not overlap
 * and come in order, from the end with `fromRight`.
 */
export function eachOccurrence(text: string, part: string, fromRight: boolean, visit: Visit): void {
  if (part.length > text.length) return;
  if (part.length > SHORT) return eachLong(text, part, fromRight, visit);
  if (fromRight) {
    // A negative position would find an occurrence at the start.
    for (let end = text.length; end >= part.length;) {
      const at = text.lastIndexOf(part, end - part.length);
      if (at < 0 || !visit(at)) return;
      end = at;
    }
    return;
  }
  for (let start = 0; ;) {
    const at = text.indexOf(part, start);
    if (at < 0 || !visit(at)) return;
    start = at + part.length;
  }
}

/** Offset of the first or last occurrence, in UTF-16 units; -1 when there is none. */
export function findText(text: string, part: string, fromRight = false): number {
  if (part === '') return fromRight ? text.length : 0;
  let found = -1;
  eachOccurrence(text, part, fromRight, (offset) => {
    found = offset;
    return false;
  });
  return found;
}

/** The algorithm of Knuth, Morris and Pratt; from the right it reads text and part backwards. */
function eachLong(text: string, part: string, fromRight: boolean, visit: Visit): void {
  const { length } = part;
  const wanted = Uint16Array.from({ length }, (_, i) => part.charCodeAt(fromRight ? length - 1 - i : i));
  const borders = bordersOf(wanted);
  let matched = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(fromRight ? text.length - 1 - i : i);
    while (matched > 0 && wanted[matched] !== unit) matched = borders[matched - 1] as number;
    if (wanted[matched] === unit) matched += 1;
    if (matched < length) continue;
    if (!visit(fromRight ? text.length - 1 - i : i + 1 - length)) return;
    matched = 0;
  }
}

/** For each prefix, the length of the longest shorter one that it also ends with. */
function bordersOf(wanted: Uint16Array): Int32Array {
  const borders = new Int32Array(wanted.length);
  let matched = 0;
  for (let i = 1; i < wanted.length; i += 1) {
    while (matched > 0 && wanted[matched] !== wanted[i]) matched = borders[matched - 1] as number;
    if (wanted[matched] === wanted[i]) matched += 1;
    borders[i] = matched;
  }
  return borders;
}
