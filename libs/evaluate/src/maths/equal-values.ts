import type { CompareExpressions } from './compare-expressions.js';
import { equalRationals, hundredth, readRational } from './decimal.js';
import type { MathValue } from './math-value.js';

/** Longest expression that is computed with, in characters; longer ones are equal only as texts. */
const maxExpression = 500;
/** Most items of a collection that is compared. */
const maxItems = 32;

type Expression = Extract<MathValue, { kind: 'expression' }>;
type Collection = Extract<MathValue, { kind: 'collection' }>;

/** Whether two answers are the same mathematical value. */
export async function equalValues(
  left: MathValue,
  right: MathValue,
  compare: CompareExpressions,
  signal?: AbortSignal,
): Promise<boolean> {
  if (left.kind === 'expression' && right.kind === 'expression')
    return equalExpressions(left, right, compare, signal);
  if (left.kind === 'collection' && right.kind === 'collection')
    return equalCollections(left, right, compare, signal);
  return false;
}

async function equalExpressions(
  left: Expression,
  right: Expression,
  compare: CompareExpressions,
  signal?: AbortSignal,
): Promise<boolean> {
  const [a, b] = [compact(left.latex), compact(right.latex)];
  if (a === '' || b === '') return false;
  if (a.toLowerCase() === b.toLowerCase() && (a === b || isWord(a))) return true;
  const [x, y] = [readRational(a), readRational(b)];
  if (x !== undefined && y !== undefined) {
    if (equalRationals(x, y)) return true;
    // 28 % may be written as 28 or as 0.28.
    if (left.isPercent === right.isPercent) return false;
    return left.isPercent ? equalRationals(hundredth(x), y) : equalRationals(x, hundredth(y));
  }
  if (isWord(a) || isWord(b) || a.length > maxExpression || b.length > maxExpression) return false;
  const [p, q] = [asDifference(left.latex), asDifference(right.latex)];
  if (p === undefined || q === undefined) return false;
  if ((await compare(p, q, signal)) === true) return true;
  // Both sides of an equation may be exchanged.
  if (!left.latex.includes('=') || !right.latex.includes('=')) return false;
  return (await compare(p, `-(${q})`, signal)) === true;
}

function compact(latex: string): string {
  return latex.replace(/\s+/g, '').replace(/\\cdot|\\times/g, '\\cdot');
}

/** Whether a text is a word, such as a name, and no expression. */
function isWord(text: string): boolean {
  return /^\p{L}{2,}[\p{L}\p{N}'-]*$/u.test(text) && !/^[xyzabcn]{2}$/.test(text);
}

/** An equation as the difference of its sides; what is no equation as it is; undefined for what can't be compared. */
function asDifference(latex: string): string | undefined {
  if (/[<>]|\\(?:le|ge|ne|lt|gt)(?![a-z])/.test(latex)) return undefined;
  const sides = latex.split('=');
  if (sides.length === 1) return latex;
  return sides.length === 2 ? `(${sides[0]})-(${sides[1]})` : undefined;
}

async function equalCollections(
  left: Collection,
  right: Collection,
  compare: CompareExpressions,
  signal?: AbortSignal,
): Promise<boolean> {
  const { items } = left;
  if (items.length !== right.items.length || items.length > maxItems || !alike(left, right)) return false;
  if (left.isOrdered && right.isOrdered) {
    for (const [index, item] of items.entries()) {
      const other = right.items[index];
      if (other === undefined || !(await equalValues(item, other, compare, signal))) return false;
    }
    return true;
  }
  const rest = [...right.items];
  for (const item of items) {
    const found = await findEqual(item, rest, compare, signal);
    if (found < 0) return false;
    rest.splice(found, 1);
  }
  return true;
}

async function findEqual(
  item: MathValue,
  among: readonly MathValue[],
  compare: CompareExpressions,
  signal?: AbortSignal,
): Promise<number> {
  for (const [index, other] of among.entries()) {
    if (await equalValues(item, other, compare, signal)) return index;
  }
  return -1;
}

/** A bare list may be meant as a set; brackets must be the same otherwise. */
function alike(left: Collection, right: Collection): boolean {
  if (left.open === right.open && left.close === right.close) return true;
  const openings = [left.open, right.open].sort().join();
  return openings === ',{';
}
