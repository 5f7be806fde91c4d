import { bind } from '../builtins/builtin.js';
import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { cursorOf } from '../iteration.js';
import type { Machine } from '../machine.js';
import { typeName, type Value } from '../values.js';

/** Python's `separator.join(iterable)`; the iterable may be a generator. */
export function* join(machine: Machine, separator: string, args: CallArguments): Evaluation<Value> {
  const [iterable] = bind('join', args, ['iterable']);
  const items = yield* machine.drain(cursorOf(yield* machine.force(iterable as Value)));
  const parts: string[] = [];
  let length = 0;
  for (const item of items) {
    const part = yield* machine.force(item);
    if (typeof part !== 'string') {
      throw raise(
        'TypeError',
        `sequence item ${parts.length}: expected str instance, ${typeName(part)} found`,
      );
    }
    length += part.length + (parts.length === 0 ? 0 : separator.length);
    if (length > machine.meter.limits.stringLength) machine.meter.string(length);
    parts.push(part);
  }
  machine.meter.string(length);
  return parts.join(separator);
}
