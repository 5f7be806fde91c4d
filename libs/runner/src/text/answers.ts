import { extractFields } from './fields.js';

/** Texts longer than this are taken for reasoning that ends in an answer. */
const REASONING_LENGTH = 80;
/** The answer is looked for in so many characters at the end of a text. */
const SEARCHED_LENGTH = 20_000;
/** Longer answers are compared by their words alone: patterns take quadratic time on hostile ones. */
const SPELT_LENGTH = 2_000;
const NUMBER = /-?\$?\d[\d,]*(?:\.\d+)?/g;

/**
 * The key under which a final answer is counted in a vote: two texts with the
 * same key give the same answer. It knows `\boxed{…}`, `<answer>`, "#### 42",
 * "the answer is 42", numbers in different spellings (1,000.0, $1000, 1/2, 0.5),
 * and forgets case, white space, quotes and Markdown.
 */
export function answerKey(text: string): string {
  const answer = finalAnswer(text);
  if (answer.length > SPELT_LENGTH) return answer.trim().split(/\s+/).join(' ').toLowerCase();
  const plain = answer
    .replace(/\\d?frac\{([^{}]*)\}\{([^{}]*)\}/g, '$1/$2')
    .replace(/\\(?:text|mathrm|mathbf|textbf)\{([^{}]*)\}/g, '$1')
    .replace(/\\[,;! ]|\\left|\\right|[*_`"'$]|\\\(|\\\)|\\\[|\\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.,;:!]+$/, '')
    .toLowerCase();
  return numberKey(plain) ?? plain;
}

function finalAnswer(whole: string): string {
  const text = whole.slice(-SEARCHED_LENGTH);
  const boxed = lastBoxed(text);
  if (boxed !== undefined) return boxed;
  const field = extractFields(text, ['answer']).get('answer');
  if (field !== undefined) return field;
  const marked = [...text.matchAll(/^####[ \t]*(.+)$/gm)].at(-1)?.[1];
  if (marked !== undefined) return marked;
  const said = [...text.matchAll(/\banswer\b\**\s*(?:is\b|:|=)[ \t*:]*([^\n]+)/gi)].at(-1)?.[1];
  if (said !== undefined) return firstSentence(said);
  return text.length > REASONING_LENGTH ? (lastNumber(text) ?? whole) : whole;
}

/** The content of the last `\boxed{…}`, with braces inside. */
function lastBoxed(text: string): string | undefined {
  const start = text.lastIndexOf('\\boxed{');
  if (start < 0) return undefined;
  let depth = 0;
  for (let i = start + 6; i < text.length; i += 1) {
    if (text.charAt(i) === '{') depth += 1;
    else if (text.charAt(i) === '}') depth -= 1;
    if (depth === 0) return text.slice(start + 7, i);
  }
  return undefined;
}

function firstSentence(text: string): string {
  return text.split(/[.!?](?:\s|$)/)[0] ?? text;
}

/** The number in the last line, where that holds exactly one. */
function lastNumber(text: string): string | undefined {
  const numbers = text.trimEnd().split('\n').at(-1)?.match(NUMBER) ?? [];
  return numbers.length === 1 ? numbers[0] : undefined;
}

/** One spelling for all spellings of a number, such as "#0.5" for "1/2"; a percentage stays one. */
function numberKey(text: string): string | undefined {
  const [, whole = '', divisor, percent = ''] =
    /^(-?[\d,]*\.?\d+)\.?(?:\s*\/\s*(-?[\d,]*\.?\d+))?\s*(\\?%)?$/.exec(text) ?? [];
  const digits = whole.replaceAll(',', '');
  if (digits === '') return undefined;
  // Digits beyond what a double holds would make different numbers equal.
  if (divisor === undefined && digits.replace(/[-.]/g, '').length > 15) return `#${digits}${percent && '%'}`;
  const value = Number(digits) / (divisor === undefined ? 1 : Number(divisor.replaceAll(',', '')));
  return Number.isFinite(value) ? `#${value === 0 ? 0 : value}${percent && '%'}` : undefined;
}
