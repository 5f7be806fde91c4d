import { codePoints } from '../code-points.js';

/** Letters with a form of their own at the beginning of a word. */
const DIGRAPHS: readonly (readonly [title: string, others: string])[] = [
  ['ǅ', 'Ǆǆ'],
  ['ǈ', 'Ǉǉ'],
  ['ǋ', 'Ǌǌ'],
  ['ǲ', 'Ǳǳ'],
];
const TITLES: ReadonlyMap<string, string> = new Map(
  DIGRAPHS.flatMap(([title, others]) => [...others, title].map((letter) => [letter, title] as const)),
);
/** An iota under a Greek letter, which stands beside it in capitals. */
const IOTA_BELOW = '\u0345';

/** A character as the first of a word (Unicode's title case). */
function titleOf(character: string): string {
  const known = TITLES.get(character);
  if (known !== undefined) return known;
  // Georgian has capitals for whole words only, and ŉ keeps its N.
  if (/[\u10d0-\u10ff\u1c90-\u1cbf]/.test(character)) return character;
  const upper = character.toUpperCase();
  if (upper.length === character.length || character === 'ŉ') return upper;
  if (upper.endsWith('\u0399') && /\p{Script=Greek}/u.test(character)) {
    const above = upper.slice(0, -1);
    return above.length === 1 ? (above + IOTA_BELOW).normalize('NFC') : above + IOTA_BELOW;
  }
  const [first = '', ...rest] = codePoints(upper);
  return first + rest.join('').toLowerCase();
}

/** Gives each character of a text with its lower case, which a sigma takes from what stands around it. */
function* withLower(text: string): Generator<readonly [character: string, lower: string]> {
  const lowered = text.toLowerCase();
  let at = 0;
  for (const character of codePoints(text)) {
    const { length } = character.toLowerCase();
    yield [character, lowered.slice(at, at + length)];
    at += length;
  }
}

/** Texts for which each case has a letter of its own, which saves looking at them one by one. */
const ASCII = /^[\0-\x7f]*$/;

/** `str.capitalize` */
export function capitalize(text: string): string {
  const [first = ''] = text;
  return titleOf(first) + text.toLowerCase().slice(first.toLowerCase().length);
}

/** `str.title`: words are what has a case. */
export function title(text: string): string {
  if (ASCII.test(text)) {
    return text.toLowerCase().replace(/[a-z]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1));
  }
  let result = '';
  let isInside = false;
  for (const [character, lower] of withLower(text)) {
    result += isInside ? lower : titleOf(character);
    isInside = /\p{Cased}/u.test(character);
  }
  return result;
}

/** `str.swapcase` */
export function swapCase(text: string): string {
  if (ASCII.test(text)) {
    const bytes = Buffer.from(text, 'latin1');
    bytes.forEach((byte, at) => {
      const letter = byte | 32;
      if (letter >= 97 && letter <= 122) bytes[at] = byte ^ 32;
    });
    return bytes.toString('latin1');
  }
  let result = '';
  for (const [character, lower] of withLower(text)) {
    if (/\p{Uppercase}/u.test(character)) result += lower;
    else result += /\p{Lowercase}/u.test(character) ? character.toUpperCase() : character;
  }
  return result;
}

/** `str.casefold`, Unicode's full case folding: Cherokee folds to capitals, and a dotless i stays. */
export function caseFold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return Array.from(text, (character) => {
    if (/[\u{13A0}-\u{13FD}\u{AB70}-\u{ABBF}]/u.test(character)) return character.toUpperCase();
    return character === 'ı' ? character : character.toLowerCase().toUpperCase().toLowerCase();
  }).join('');
}

/** `str.istitle` */
export function isTitle(text: string): boolean {
  let isInside = false;
  let found = false;
  for (const character of codePoints(text)) {
    const isFirst = /[\p{Uppercase}\p{Lt}]/u.test(character);
    const isLater = /\p{Lowercase}/u.test(character);
    if ((isFirst && isInside) || (isLater && !isInside)) return false;
    isInside = isFirst || isLater;
    found ||= isInside;
  }
  return found;
}
