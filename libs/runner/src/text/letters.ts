/** The letter that names a candidate: A, B, …, Z, AA, AB, … */
export function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/** "Solution B", "the answer is **C**"; the letter itself is a capital. */
const NAMED =
  /\b(?:solution|answer|option|choice|candidate|letter)\b(?:\s+(?:letter|is))*[\s:=*_"'`([]*([A-Z]{1,2})\b/gi;

/**
 * The candidate that an answer names: by a letter alone ("b", "**B**", "(B)."),
 * or in a sentence by the last "solution B" or "answer: B".
 *
 * @param count number of candidates; other letters name none
 * @returns its index from 0, or undefined for an answer that names none
 */
export function readLetter(answer: string, count: number): number | undefined {
  const [, alone] = /^[^A-Za-z0-9]*([A-Za-z]{1,2})[^A-Za-z0-9]*$/.exec(answer) ?? [];
  if (alone !== undefined) return indexOf(alone.toUpperCase(), count);
  const named = [...answer.matchAll(NAMED)].map((match) => match[1] ?? '');
  // "the answer is a list" names nothing; only capitals do in a sentence.
  const letter = named.findLast((word) => word === word.toUpperCase());
  return letter === undefined ? undefined : indexOf(letter, count);
}

function indexOf(letter: string, count: number): number | undefined {
  for (let index = 0; index < count; index += 1) if (letterOf(index) === letter) return index;
  return undefined;
}
