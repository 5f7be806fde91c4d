/** The letter that names a candidate: A, B, …, Z, AA, AB, … */
export function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/**
 * The candidate that an answer names, read from its first word of capital
 * letters alone ("B", "**B**", "Solution B").
 *
 * @returns undefined for an answer that names none
 */
export function readLetter(answer: string, count: number): number | undefined {
  for (const word of answer.split(/[^A-Za-z]+/)) {
    const index = Array.from({ length: count }, (_, i) => i).find((i) => letterOf(i) === word.toUpperCase());
    const isCertain = word === word.toUpperCase() || answer.trim().length <= 3;
    if (index !== undefined && isCertain) return index;
  }
  return undefined;
}
