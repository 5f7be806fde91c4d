import { describe, expect, it } from 'vitest';
import { capitalize, caseFold, isTitle, swapCase, title } from './string-case.js';

describe('case', () => {
  // What CPython gives: capitalize, title, swapcase, casefold; istitle.
  it.each<[string, string[], boolean]>([
    [
      'ßa ﬁn ŉ ǆ Ǉ ჯა',
      ['Ssa ﬁn ŉ ǆ ǉ ჯა', 'Ssa Fin ʼN ǅ ǈ ჯა', 'SSA FIN ʼN Ǆ ǉ ᲯᲐ', 'ssa fin ʼn ǆ ǉ ჯა'],
      false,
    ],
    [
      "they're 3rd ÉCOLE日a",
      ["They're 3rd école日a", "They'Re 3Rd École日A", "THEY'RE 3RD école日A", "they're 3rd école日a"],
      false,
    ],
    ['ΑΣ ΣΑΣ. Σ', ['Ας σας. σ', 'Ας Σας. Σ', 'ας σας. σ', 'ασ σασ. σ'], false],
    ['ᾳ ᾲ ᾷ ῼ ᾈ', ['ᾼ ᾲ ᾷ ῳ ᾀ', 'ᾼ Ὰͅ ᾼ͂ ῼ ᾈ', 'ΑΙ ᾺΙ Α͂Ι ῼ ᾈ', 'αι ὰι ᾶι ωι ἀι'], false],
    ['İstanbul ı', ['İstanbul ı', 'İstanbul I', 'i̇STANBUL I', 'i̇stanbul ı'], false],
    ['ªb ⓐB x²y', ['ªb ⓐb x²y', 'ªb Ⓐb X²Y', 'ªB Ⓐb X²Y', 'ªb ⓐb x²y'], false],
    ['ʼn ǅ', ['ʼn ǆ', 'ʼN ǅ', 'ʼN ǅ', 'ʼn ǆ'], false],
    ['', ['', '', '', ''], false],
    ['Ab Cd', ['Ab cd', 'Ab Cd', 'aB cD', 'ab cd'], true],
    ['AB cd', ['Ab cd', 'Ab Cd', 'ab CD', 'ab cd'], false],
    ['日本', ['日本', '日本', '日本', '日本'], false],
    ['ABC', ['Abc', 'Abc', 'abc', 'abc'], false],
    ['abc', ['Abc', 'Abc', 'ABC', 'abc'], false],
    ["A'B", ["A'b", "A'B", "a'b", "a'b"], true],
    ['aB', ['Ab', 'Ab', 'Ab', 'ab'], false],
  ])('%j', (text, forms, titled) => {
    expect([capitalize, title, swapCase, caseFold].map((change) => change(text))).toEqual(forms);
    expect(isTitle(text)).toBe(titled);
  });
});
