import type { FunctionDefinition, Lambda } from '../ir.js';

/** Least and greatest, where a fact is known only that well. */
export interface Interval {
  readonly least: number;
  readonly greatest: number;
}

/** What is known of a value's type and content. */
export type Shape =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none' | 'string' | 'other' }
  /** The result of an operator; a list in it has at most `most` items. */
  | { readonly kind: 'result'; readonly operator: string; readonly most: number }
  | { readonly kind: 'number'; readonly value: Interval }
  | { readonly kind: 'bool'; readonly value: boolean | undefined }
  | { readonly kind: 'list'; readonly element: AbstractValue | undefined; readonly length: Interval }
  | { readonly kind: 'tuple'; readonly items: readonly AbstractValue[] }
  | { readonly kind: 'function'; readonly node: FunctionDefinition | Lambda };

/** What is known of a value before the run. */
export interface AbstractValue {
  readonly shape: Shape;
  /** Whether it depends on what an operator answered. */
  readonly dependent: boolean;
  /** Model requests that must follow one another before it is there. */
  readonly wait: Interval;
}

/** Any number. */
export const ANY: Interval = { least: -Infinity, greatest: Infinity };
/** Any length. */
export const ANY_LENGTH: Interval = { least: 0, greatest: Infinity };
/** No wait. */
export const NOW: Interval = { least: 0, greatest: 0 };

/** An interval of one number. */
export function exactly(value: number): Interval {
  return { least: value, greatest: value };
}

/** The smallest interval around two. */
export function hull(a: Interval, b: Interval): Interval {
  return { least: Math.min(a.least, b.least), greatest: Math.max(a.greatest, b.greatest) };
}

/** The later of two waits. */
export function later(a: Interval, b: Interval): Interval {
  return { least: Math.max(a.least, b.least), greatest: Math.max(a.greatest, b.greatest) };
}

/** Sum of two intervals. */
export function plus(a: Interval, b: Interval): Interval {
  return { least: a.least + b.least, greatest: a.greatest + b.greatest };
}

/** Shapes inside one shape, each counted wherever it stands; beyond, no more is known of what is inside. */
const MAX_SHAPES = 256;

/** Shapes that a walk over the whole shape would meet; the walk stops beyond `most`. */
function sizeOf(shape: Shape, most: number): number {
  if (most < 1) return 1;
  if (shape.kind === 'list') return shape.element ? 1 + sizeOf(shape.element.shape, most - 1) : 1;
  if (shape.kind !== 'tuple') return 1;
  let size = 1;
  for (const item of shape.items) {
    if (size > most) break;
    size += sizeOf(item.shape, most - size);
  }
  return size;
}

/** A program can double a shape in one statement, so what is kept of it has a bound. */
function bounded(shape: Shape): Shape {
  if (sizeOf(shape, MAX_SHAPES) <= MAX_SHAPES) return shape;
  const flat = (value: AbstractValue): AbstractValue =>
    sizeOf(value.shape, 1) === 1 ? value : { ...value, shape: { kind: 'unknown' } };
  if (shape.kind === 'list') return { ...shape, element: shape.element && flat(shape.element) };
  if (shape.kind !== 'tuple' || shape.items.length > MAX_SHAPES) return { kind: 'unknown' };
  return { kind: 'tuple', items: shape.items.map(flat) };
}

/** A value of a shape that depends on nothing. */
export function plain(shape: Shape): AbstractValue {
  return { shape: bounded(shape), dependent: false, wait: NOW };
}

/** A value of which nothing is known. */
export const UNKNOWN: AbstractValue = plain({ kind: 'unknown' });

/** A value of a shape that is made from others. */
export function madeFrom(shape: Shape, parts: readonly AbstractValue[]): AbstractValue {
  let dependent = false;
  let wait = NOW;
  for (const part of parts) {
    dependent ||= part.dependent;
    wait = later(wait, part.wait);
  }
  return { shape: bounded(shape), dependent, wait };
}

function sameInterval(a: Interval, b: Interval): boolean {
  return a.least === b.least && a.greatest === b.greatest;
}

/** Whether two shapes say the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'result') return b.kind === 'result' && a.operator === b.operator && a.most === b.most;
  if (a.kind === 'number') return b.kind === 'number' && sameInterval(a.value, b.value);
  if (a.kind === 'bool') return b.kind === 'bool' && a.value === b.value;
  if (a.kind === 'function') return b.kind === 'function' && a.node === b.node;
  if (a.kind === 'list') {
    return b.kind === 'list' && sameInterval(a.length, b.length) && sameOptional(a.element, b.element);
  }
  if (a.kind === 'tuple') {
    return (
      b.kind === 'tuple' &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => sameOptional(item, b.items[index]))
    );
  }
  // A string may be any string.
  return a.kind !== 'string';
}

function sameOptional(a: AbstractValue | undefined, b: AbstractValue | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.dependent === b.dependent && sameShape(a.shape, b.shape);
}

/** What two ways to a place have in common. With `widen`, what differs is given up, so that repeated joins come to rest. */
export function joinValues(a: AbstractValue, b: AbstractValue, widen = false): AbstractValue {
  if (a === b) return a;
  const wait = hull(a.wait, b.wait);
  return {
    shape: joinShapes(a.shape, b.shape, widen),
    dependent: a.dependent || b.dependent,
    wait: widen && b.wait.greatest > a.wait.greatest ? { ...wait, greatest: Infinity } : wait,
  };
}

function joinShapes(a: Shape, b: Shape, widen: boolean): Shape {
  if (a === b || sameShape(a, b)) return a;
  if (a.kind === 'string' && b.kind === 'string') return a;
  if (a.kind === 'number' && b.kind === 'number')
    return { kind: 'number', value: widen ? ANY : hull(a.value, b.value) };
  if (a.kind === 'bool' && b.kind === 'bool') return { kind: 'bool', value: undefined };
  if (a.kind === 'result' && b.kind === 'result' && a.operator === b.operator)
    return { ...a, most: widen ? Infinity : Math.max(a.most, b.most) };
  if (a.kind === 'list' && b.kind === 'list') {
    const length = hull(a.length, b.length);
    const grown = widen && b.length.greatest > a.length.greatest;
    return {
      kind: 'list',
      element: joinElements(a.element, b.element, widen),
      length: grown ? { least: length.least, greatest: Infinity } : length,
    };
  }
  if (a.kind === 'tuple' && b.kind === 'tuple' && a.items.length === b.items.length) {
    const items = a.items.map((item, index) => joinValues(item, b.items[index] ?? UNKNOWN, widen));
    return { kind: 'tuple', items };
  }
  return { kind: 'unknown' };
}

/** The element of a list that may hold either. */
export function joinElements(
  a: AbstractValue | undefined,
  b: AbstractValue | undefined,
  widen = false,
): AbstractValue | undefined {
  return a && b ? joinValues(a, b, widen) : (a ?? b);
}

/** Whether a value counts as true; undefined when that is not known. */
export function truth(value: AbstractValue): boolean | undefined {
  const { shape } = value;
  switch (shape.kind) {
    case 'none':
      return false;
    case 'bool':
      return shape.value;
    case 'number':
      if (shape.value.least > 0 || shape.value.greatest < 0) return true;
      return shape.value.least === 0 && shape.value.greatest === 0 ? false : undefined;
    case 'list':
      if (shape.length.least > 0) return true;
      return shape.length.greatest === 0 ? false : undefined;
    case 'tuple':
      return shape.items.length > 0;
    case 'result':
    case 'function':
      return true;
    default:
      return undefined;
  }
}
