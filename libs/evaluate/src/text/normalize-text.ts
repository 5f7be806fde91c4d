const articles = /\b(?:a|an|the)\b/g;
const punctuation = /[!-/:-@[-`{-~\u2010-\u2015\u2018-\u201f\u2026]/g;

/**
 * The form in which short texts are compared: lower case, without punctuation
 * and the articles a, an, the, with single spaces (as SQuAD's evaluation does,
 * arXiv 1606.05250); compatible Unicode characters are alike.
 */
export function normalizeText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(punctuation, ' ')
    .replace(articles, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The words of a text in that form. */
export function wordsOf(text: string): string[] {
  const normal = normalizeText(text);
  return normal === '' ? [] : normal.split(' ');
}
