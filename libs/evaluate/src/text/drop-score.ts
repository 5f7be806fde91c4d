import { wordF1 } from './word-f1.js';

const articles = new Set(['a', 'an', 'the']);
const numberWord = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/**
 * Words of a span as DROP compares them (arXiv 1903.00161): split at white
 * space and hyphens, without articles and punctuation, numbers in one form.
 */
function dropWords(span: string): string[] {
  return span
    .normalize('NFKC')
    .toLowerCase()
    .split(/[\s\u2010-\u2015]+|(?<=[^\s])-(?=[^\s])/)
    .map(normalWord)
    .filter((word) => word !== '' && !articles.has(word));
}

function normalWord(word: string): string {
  const plain = word.replace(/^[$€£(]+|[%).,;:!?'"]+$/g, '').replace(/(?<=\d),(?=\d{3}(?:\D|$))/g, '');
  return numberWord.test(plain) ? String(Number(plain)) : plain.replace(/[^\p{L}\p{N}]/gu, '');
}

/** Numbers must agree where the expected span has any. */
function spanF1(answer: readonly string[], expected: readonly string[]): number {
  const numbers = expected.filter((word) => numberWord.test(word));
  if (numbers.length > 0 && !numbers.some((number) => answer.includes(number))) return 0;
  return wordF1(answer, expected);
}

/**
 * DROP's F1: each expected span is matched with the answer's span that suits it
 * best, each answer's span once, and the mean is taken over the longer list.
 *
 * @param spans the answer's spans, and the expected ones
 */
export function dropF1(spans: readonly string[], expected: readonly string[]): number {
  const left = spans.map(dropWords);
  const right = expected.map(dropWords);
  const pairs = right.flatMap((gold, row) =>
    left.map((words, column) => ({ row, column, score: spanF1(words, gold) })),
  );
  const usedRows = new Set<number>();
  const usedColumns = new Set<number>();
  let total = 0;
  for (const { row, column, score } of pairs.sort((a, b) => b.score - a.score)) {
    if (usedRows.has(row) || usedColumns.has(column)) continue;
    usedRows.add(row);
    usedColumns.add(column);
    total += score;
  }
  return Math.max(left.length, right.length) === 0 ? 1 : total / Math.max(left.length, right.length);
}
