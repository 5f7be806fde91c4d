import type { BinaryOperator, ComparisonOperator } from '../ir.js';
import type { AbstractValue, Interval, Shape } from './values.js';
import { ANY, ANY_LENGTH, plain } from './values.js';

function numberOf(value: AbstractValue | undefined): Interval | undefined {
  return value?.shape.kind === 'number' ? value.shape.value : undefined;
}

/** Result of arithmetic on numbers; unknown for anything else. */
export function computeNumber(operator: BinaryOperator, left: AbstractValue, right: AbstractValue): Shape {
  const a = numberOf(left);
  const b = numberOf(right);
  if (!a || !b) return { kind: 'unknown' };
  if (operator === '+') return number(a.least + b.least, a.greatest + b.greatest);
  if (operator === '-') return number(a.least - b.greatest, a.greatest - b.least);
  if (a.least !== a.greatest || b.least !== b.greatest) return { kind: 'number', value: ANY };
  const x = a.least;
  const y = b.least;
  if (operator === '*') return number(x * y, x * y);
  if (operator === '//' && y !== 0) return number(Math.floor(x / y), Math.floor(x / y));
  if (operator === '%' && y !== 0) return number(x - y * Math.floor(x / y), x - y * Math.floor(x / y));
  return { kind: 'number', value: ANY };
}

function number(least: number, greatest: number): Shape {
  const valid = !Number.isNaN(least) && !Number.isNaN(greatest);
  return { kind: 'number', value: valid ? { least, greatest } : ANY };
}

/** Outcome of comparing numbers where it is certain. */
export function compareNumbers(
  operator: ComparisonOperator,
  left: AbstractValue,
  right: AbstractValue,
): boolean | undefined {
  const a = numberOf(left);
  const b = numberOf(right);
  if (!a || !b) return isNoneTest(operator, left, right);
  switch (operator) {
    case '<':
      return a.greatest < b.least ? true : a.least >= b.greatest ? false : undefined;
    case '<=':
      return a.greatest <= b.least ? true : a.least > b.greatest ? false : undefined;
    case '>':
      return compareNumbers('<', right, left);
    case '>=':
      return compareNumbers('<=', right, left);
    case '==':
    case '!=': {
      const apart = a.greatest < b.least || b.greatest < a.least;
      const same = a.least === a.greatest && b.least === b.greatest && a.least === b.least;
      if (!apart && !same) return undefined;
      return (operator === '==') === same;
    }
    default:
      return undefined;
  }
}

/** `x is None` where what x is is certain. */
function isNoneTest(
  operator: ComparisonOperator,
  left: AbstractValue,
  right: AbstractValue,
): boolean | undefined {
  if (right.shape.kind !== 'none' || (operator !== 'is' && operator !== 'is not')) return undefined;
  if (left.shape.kind === 'none') return operator === 'is';
  return undefined;
}

/** The list that `range(…)` stands for. */
export function rangeList(values: readonly AbstractValue[]): Shape {
  const [first, second, third] = values.map(numberOf);
  const start = values.length > 1 ? first : { least: 0, greatest: 0 };
  const end = values.length > 1 ? second : first;
  const step = values.length > 2 ? third : { least: 1, greatest: 1 };
  const any: Shape = { kind: 'list', element: plain({ kind: 'number', value: ANY }), length: ANY_LENGTH };
  if (!start || !end || !step || step.least !== step.greatest || step.least === 0) return any;
  const turns = (from: number, to: number) => Math.max(0, Math.ceil((to - from) / step.least));
  const forward = step.least > 0;
  const length = forward
    ? { least: turns(start.greatest, end.least), greatest: turns(start.least, end.greatest) }
    : { least: turns(start.least, end.greatest), greatest: turns(start.greatest, end.least) };
  if (Number.isNaN(length.least) || Number.isNaN(length.greatest)) return any;
  return { kind: 'list', element: plain({ kind: 'number', value: ANY }), length };
}
