import type { Expression, Slice } from '../ir.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import type { SliceBounds } from './subscript.js';
import type { Value } from './values.js';

/** Evaluates the bounds of a slice. */
export function* evaluateSlice(machine: Machine, scope: Scope, slice: Slice): Evaluation<SliceBounds> {
  return {
    lower: yield* bound(machine, scope, slice.lower),
    upper: yield* bound(machine, scope, slice.upper),
    step: yield* bound(machine, scope, slice.step),
  };
}

function* bound(machine: Machine, scope: Scope, expression: Expression | undefined): Evaluation<Value> {
  return expression === undefined ? null : yield* machine.force(yield* evaluate(machine, scope, expression));
}
