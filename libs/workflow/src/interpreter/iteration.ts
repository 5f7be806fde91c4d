import { raise } from './errors.js';
import type { Evaluation } from './evaluation.js';
import {
  DictValue,
  DictView,
  IteratorValue,
  ListValue,
  RangeValue,
  SetValue,
  TupleValue,
  typeName,
  type Value,
} from './values.js';

/** What a cursor gives when there is nothing left. */
export const END = Symbol('end');

/** Steps through items. Items may be lazy. */
export interface Cursor {
  /** Gives the next item without waiting; undefined when the cursor may have to wait. */
  readonly next: (() => Value | typeof END) | undefined;
  /** Gives the next item, running the program's own functions where need be. */
  advance(): Evaluation<Value | typeof END>;
}

/** A cursor that never has to wait. */
export function readyCursor(next: () => Value | typeof END): Cursor {
  return {
    next,
    *advance() {
      return next();
    },
  };
}

/** A cursor that may run functions of the program. */
export function waitingCursor(advance: () => Evaluation<Value | typeof END>): Cursor {
  return { next: undefined, advance };
}

/** A cursor over a fixed sequence. */
export function sequenceCursor(items: readonly Value[]): Cursor {
  let index = 0;
  return readyCursor(() => (index < items.length ? (items[index++] as Value) : END));
}

/**
 * A cursor over any iterable value that is not lazy itself.
 *
 * @throws Raised TypeError for a value that can't be iterated over
 */
export function cursorOf(value: Value): Cursor {
  if (value instanceof ListValue) {
    let index = 0;
    return readyCursor(() => (index < value.items.length ? (value.items[index++] as Value) : END));
  }
  if (value instanceof TupleValue) return sequenceCursor(value.items);
  if (typeof value === 'string') return textCursor(value);
  if (value instanceof RangeValue) return rangeCursor(value);
  if (value instanceof DictValue) return dictCursor(value, 'keys');
  if (value instanceof DictView) return dictCursor(value.dict, value.form);
  if (value instanceof SetValue) return setCursor(value);
  if (value instanceof IteratorValue) return value.cursor;
  throw raise('TypeError', `'${typeName(value)}' object is not iterable`);
}

function textCursor(text: string): Cursor {
  const points = text[Symbol.iterator]();
  return readyCursor(() => {
    const next = points.next();
    return next.done === true ? END : next.value;
  });
}

function rangeCursor(range: RangeValue): Cursor {
  let index = 0n;
  const length = range.length;
  return readyCursor(() => (index < length ? range.start + range.step * index++ : END));
}

function dictCursor(dict: DictValue, form: DictView['form']): Cursor {
  const size = dict.entries.size;
  const iterator = dict.entries.values();
  return readyCursor(() => {
    if (dict.entries.size !== size) throw raise('RuntimeError', 'dictionary changed size during iteration');
    const next = iterator.next();
    if (next.done === true) return END;
    const { key, value } = next.value;
    if (form === 'keys') return key;
    return form === 'values' ? value : new TupleValue([key, value]);
  });
}

function setCursor(set: SetValue): Cursor {
  const size = set.items.size;
  const iterator = set.items.values();
  return readyCursor(() => {
    if (set.items.size !== size) throw raise('RuntimeError', 'Set changed size during iteration');
    const next = iterator.next();
    return next.done === true ? END : next.value;
  });
}
