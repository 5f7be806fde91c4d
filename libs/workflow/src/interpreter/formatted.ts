import type { FormattedPart } from '../ir.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { format } from './format-spec.js';
import { PendingField, PendingText } from './lazy.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { asciiRepr, repr, text } from './text.js';
import type { Value } from './values.js';

/** Pieces of a text that stays lazy; one that holds itself twice again and again would have any number. */
const MOST_PIECES = 1_000;

/**
 * Evaluates an f-string. Text that operators will give is put in when it is
 * there: the string stays lazy, and calls it is given to wait for it.
 */
export function* formatted(
  machine: Machine,
  scope: Scope,
  parts: readonly FormattedPart[],
): Evaluation<Value> {
  const pieces: (string | PendingField | PendingText)[] = [];
  let length = 0;
  let isLazy = false;
  for (const part of parts) {
    const piece = yield* formattedPart(machine, scope, part);
    pieces.push(piece);
    if (typeof piece === 'string') length += piece.length;
    else isLazy = true;
  }
  machine.meter.string(length);
  if (!isLazy) return pieces.join('');
  const whole = new PendingText(pieces);
  return whole.pieces > MOST_PIECES ? yield* machine.force(whole) : whole;
}

function* formattedPart(
  machine: Machine,
  scope: Scope,
  part: FormattedPart,
): Evaluation<string | PendingField | PendingText> {
  if (part.value === undefined) return part.text;
  const value = yield* evaluate(machine, scope, part.value);
  if (part.conversion === '' && part.spec.length === 0) {
    const isText = value instanceof PendingText || (value instanceof PendingField && value.isText);
    if (isText && value.calls.some((call) => call.state === 'open')) return value;
  }
  const forced = yield* machine.forceDeep(value);
  const converted =
    part.conversion === ''
      ? forced
      : part.conversion === 's'
        ? text(forced)
        : part.conversion === 'a'
          ? asciiRepr(forced)
          : repr(forced);
  if (part.spec.length === 0) return text(converted);
  const spec = yield* machine.force(yield* formatted(machine, scope, part.spec));
  return format(machine.meter, converted, String(spec));
}
