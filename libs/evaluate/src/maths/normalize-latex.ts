/** Rewritings of LaTeX and plain notation to one form, applied in order. */
const rewritings: readonly (readonly [RegExp, string])[] = [
  [/\\\$|[$€£]|\\(?:pounds|euro)\b/g, ''],
  [/(?<!\\)\\[()[\]]/g, ''],
  [/[\u2212\u2013]/g, '-'],
  [/\u00d7/g, '\\times '],
  [/\u00f7/g, '\\div '],
  [/\u00b7|\u22c5/g, '\\cdot '],
  [/\u03c0/g, '\\pi '],
  [/\u221e/g, '\\infty '],
  [/\u221a\s*\(([^()]*)\)/g, '\\sqrt{$1}'],
  [/\u221a\s*(\d+|\p{L})/gu, '\\sqrt{$1}'],
  [/\u222a/g, '\\cup '],
  [/\u2264/g, '\\le '],
  [/\u2265/g, '\\ge '],
  [/\u00b2/g, '^2'],
  [/\u00b3/g, '^3'],
  [/\^\s*\{?\s*\\circ\s*\}?|\\degree\b|\u00b0/g, ''],
  [/\\(?:left|right|[bB]igg?[lr]?|displaystyle|textstyle|limits|phantom\{[^{}]*\})(?![a-zA-Z])/g, ''],
  [/\\[dtc]frac(?![a-zA-Z])/g, '\\frac'],
  [/\\(?:leq|leqslant)(?![a-zA-Z])/g, '\\le'],
  [/\\(?:geq|geqslant)(?![a-zA-Z])/g, '\\ge'],
  [/\\(?:lbrace)(?![a-zA-Z])/g, '\\{'],
  [/\\(?:rbrace)(?![a-zA-Z])/g, '\\}'],
  [/\\(?:langle)(?![a-zA-Z])/g, '\\langle '],
  [/\\[bvVB]matrix/g, '\\pmatrix'],
  [/\{([bvVB])matrix\}/g, '{pmatrix}'],
  [/\\[pP]?mod\s*(?:\{[^{}]*\}|\S+)/g, ''],
  [/\(\s*mod\s+\w+\s*\)/g, ''],
  // Thousands, while the thin space between them is still there.
  [/(?<=\d)(?:\\,|\{,\}|\\!|,\\!)(?=\d{3}(?!\d))/g, ''],
  [/(?<!\\)\\(?:[,;:! ]|quad\b|qquad\b)|~/g, ' '],
  [/(?<![\w\\])sqrt\s*\(([^()]*)\)/g, '\\sqrt{$1}'],
  [/(?<![\w\\])(?:infinity|inf|oo)(?!\w)/g, '\\infty'],
  [/(?<![\w\\])pi(?!\w)/g, '\\pi'],
  [/\*\*/g, '^'],
  [/\*/g, '\\cdot '],
  [/(\d)\s*[eE]([-+]?\d+)(?!\w)/g, '$1\\times10^{$2}'],
  [/\^\(([^()]*)\)/g, '^{$1}'],
  [/\s+/g, ' '],
];

const wordBox = /\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}/g;

/** One form of an answer, whether it is written in LaTeX or plainly; text commands give their words. */
export function normalizeLatex(text: string): string {
  let result = text.trim();
  for (const [pattern, replacement] of rewritings) result = result.replace(pattern, replacement);
  result = result.replace(wordBox, ' $1 ').replace(/\s+/g, ' ').trim();
  return result.replace(/[.,;:]+$/, '').trim();
}

const thousands = /(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])/g;

/** Without the commas between thousands. */
export function withoutThousands(text: string): string {
  return text.replace(thousands, (digits) => digits.replaceAll(',', ''));
}

const amount = String.raw`[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:\s*/\s*\d+)?|[-+]?\d*\s*\\frac\s*\{[^{}]*\}\s*\{[^{}]*\}|[-+]?\d*\s*\\sqrt\s*\{[^{}]*\}|[-+]?\d*\s*\\pi`;
const withUnit = new RegExp(
  String.raw`^(${amount})\s*(?:[a-zA-Z][a-zA-Z.]+(?:\s*(?:/|per)?\s*[a-zA-Z.]+)*|\s[mgshLVWN])\s*(?:\^\s*\{?[23]\}?)?$`,
);
const afterNumber = /^\s*(?:cdot|times|sqrt|pi|frac)\b/;

/** A number without the unit that follows it, such as `5.4 cents` or `12 cm^2`. */
export function withoutUnit(text: string): string {
  const match = withUnit.exec(text);
  const [whole = '', value] = match ?? [];
  if (value === undefined || afterNumber.test(whole.slice(value.length))) return text;
  return value.trim();
}
