import type { Expression } from '../ir.js';
import type { Here } from './evaluate.js';
import { changeInside } from './escape.js';
import { evaluate } from './evaluate.js';
import type { AbstractValue } from './values.js';
import { ANY_LENGTH, UNKNOWN, joinElements, madeFrom } from './values.js';

/** Assigns to a target. */
export function assignTarget(here: Here, target: Expression, value: AbstractValue): void {
  switch (target.kind) {
    case 'name':
      here.state.set(target.name, value);
      return;
    case 'starred':
      assignTarget(
        here,
        target.value,
        madeFrom({ kind: 'list', element: undefined, length: ANY_LENGTH }, [value]),
      );
      return;
    case 'tuple':
    case 'list': {
      here.state.mayWaitFor(value);
      const isSimple = !target.items.some((item) => item.kind === 'starred');
      target.items.forEach((item, index) => {
        assignTarget(here, item, itemOf(value, isSimple ? index : undefined));
      });
      return;
    }
    case 'subscript':
      assignItem(here, target, value);
      return;
    default:
      return;
  }
}

/** What an item of a value is known to be; its index is undefined where that depends on the value's length. */
function itemOf(value: AbstractValue, index: number | undefined): AbstractValue {
  const { shape } = value;
  const item =
    shape.kind === 'tuple' && index !== undefined
      ? shape.items[index]
      : shape.kind === 'list'
        ? shape.element
        : undefined;
  return item ?? madeFrom({ kind: 'unknown' }, [value]);
}

/** `name[key] = value`: a changed result is an ordinary dict from then on. */
function assignItem(
  here: Here,
  target: Extract<Expression, { kind: 'subscript' }>,
  value: AbstractValue,
): void {
  const object = evaluate(here, target.object);
  here.state.mayWaitFor(object, evaluate(here, target.index));
  if (target.object.kind !== 'name' || !here.state.variables.has(target.object.name)) {
    changeInside(here, target.object, [value]);
    return;
  }
  const { shape } = object;
  const changed =
    shape.kind === 'list' && target.index.kind !== 'slice'
      ? madeFrom({ ...shape, element: joinElements(shape.element, value) }, [object, value])
      : shape.kind === 'list'
        ? madeFrom({ kind: 'list', element: UNKNOWN, length: ANY_LENGTH }, [object, value])
        : madeFrom({ kind: 'unknown' }, [object, value]);
  here.state.set(target.object.name, changed);
}
