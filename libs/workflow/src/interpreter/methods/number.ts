import { asNumber, equals } from '../compare.js';
import { raise } from '../errors.js';
import { inRange } from '../contains.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { cursorOf, END, type Cursor } from '../iteration.js';
import type { Machine } from '../machine.js';
import { integerText } from '../text.js';
import { RangeValue, typeName, type Value } from '../values.js';

/** Calls a method of a number. */
export function callNumberMethod(value: bigint | number | boolean, name: string): Value {
  const number = asNumber(value) as bigint | number;
  if (name === 'is_integer') return typeof number === 'bigint' || Number.isInteger(number);
  const magnitude = BigInt(number) < 0n ? -BigInt(number) : BigInt(number);
  return magnitude === 0n ? 0n : BigInt(magnitude.toString(2).length);
}

/** Calls `count` or `index` of a tuple or range. */
export function* callSequenceMethod(
  machine: Machine,
  object: Value,
  name: string,
  { positional }: CallArguments,
): Evaluation<Value> {
  const [wanted = null] = positional;
  if (object instanceof RangeValue && typeof wanted === 'bigint') {
    const isItem = inRange(object, wanted);
    if (name === 'count') return isItem ? 1n : 0n;
    if (isItem) return (wanted - object.start) / object.step;
    throw raise('ValueError', `${integerText(wanted)} is not in range`);
  }
  const walk = machine.meter.walk();
  const cursor = cursorOf(object);
  let at = 0n;
  let count = 0n;
  for (let item = take(cursor); item !== END; item = take(cursor)) {
    machine.meter.step();
    yield* machine.breathe();
    if (equals(item, wanted, walk)) {
      if (name === 'index') return at;
      count += 1n;
    }
    at += 1n;
  }
  if (name === 'index')
    throw raise('ValueError', `${typeName(object)}.index(x): x not in ${typeName(object)}`);
  return count;
}

/** The next item of a cursor that never waits. */
function take(cursor: Cursor): Value | typeof END {
  return cursor.next === undefined ? END : cursor.next();
}
