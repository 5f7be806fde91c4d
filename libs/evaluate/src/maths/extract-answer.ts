import { afterMarker, lastLine } from '../final-line.js';

const mathSpan = /\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\]|\\\((.+?)\\\)|(?<!\\)\$([^$\n]+?)(?<!\\)\$/g;
const number = /[-−+]?\s?(?:[$€£]\s?)?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d))(?:\s*\/\s*\d+)?\s?%?/g;
/** Two words of letters alone: a sentence, not an expression. */
const prose = /(?<![\\{\p{L}])\p{L}{2,}\.?\s+(?:\p{L}+)/u;

/**
 * The mathematical answer in a text: the last `\boxed{…}`, else what stands
 * after the last "####" or "answer is", else the last line; of a sentence its
 * last formula, or its last number.
 */
export function extractMathAnswer(text: string): string {
  const boxed = lastBoxed(text);
  if (boxed !== undefined) return boxed;
  const final = (afterMarker(text) ?? lastLine(text)).replace(/\*\*/g, '');
  const formulas = [...final.matchAll(mathSpan)];
  const formula = formulas
    .at(-1)
    ?.slice(1)
    .find((part) => part !== undefined);
  const outside = final.replace(mathSpan, ' ');
  if (formula !== undefined && (prose.test(outside) || formulas.length === 1)) return formula.trim();
  if (!prose.test(final)) return final;
  return (
    [...final.matchAll(number)].map((match) => match[0].trim()).findLast((each) => /\d/.test(each)) ?? final
  );
}

/** The content of the last `\boxed{…}` or `\boxed 5`; undefined where there is none that ends. */
export function lastBoxed(text: string): string | undefined {
  const match = [...text.matchAll(/\\f?boxed\s*/g)].at(-1);
  if (match === undefined) return undefined;
  const start = match.index + match[0].length;
  if (text[start] !== '{') return /^[^\s{}$.,]+/.exec(text.slice(start))?.[0];
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return text.slice(start + 1, at).trim();
  }
  return undefined;
}
