import { binary } from '../arithmetic.js';
import { bind, integerArgument } from '../builtins/builtin.js';
import { fillCounter, fillDict } from '../builtins/convert.js';
import { hashKey, order, setEntry } from '../compare.js';
import { raise, raiseWith } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import type { CallArguments } from '../functions.js';
import { sequenceCursor } from '../iteration.js';
import type { Machine } from '../machine.js';
import { DictValue, DictView, IteratorValue, ListValue, TupleValue, type Value } from '../values.js';

type DictMethod = (machine: Machine, dict: DictValue, args: CallArguments) => Evaluation<Value>;

function view(form: DictView['form']): DictMethod {
  return function* (_, dict, args) {
    bind(form, args, []);
    return new DictView(dict, form);
  };
}

function copyOf(dict: DictValue): DictValue {
  const copy = new DictValue(dict.isCounter);
  for (const [hash, entry] of dict.entries) copy.entries.set(hash, { ...entry });
  return copy;
}

/** Methods of dicts. Values may be lazy, keys are not. */
export const DICT_METHODS: ReadonlyMap<string, DictMethod> = new Map<string, DictMethod>([
  ['keys', view('keys')],
  ['values', view('values')],
  ['items', view('items')],
  [
    'get',
    function* (machine, dict, args) {
      const [key, otherwise] = bind('get', args, ['key', 'default?']);
      return dict.entries.get(hashKey(yield* machine.forceDeep(key as Value)))?.value ?? otherwise ?? null;
    },
  ],
  [
    'setdefault',
    function* (machine, dict, args) {
      const [key, otherwise] = bind('setdefault', args, ['key', 'default?']);
      const name = yield* machine.forceDeep(key as Value);
      const entry = dict.entries.get(hashKey(name));
      if (entry !== undefined) return entry.value;
      yield* machine.beforeChange();
      machine.meter.collection(dict.entries.size + 1, 1);
      setEntry(dict, name, otherwise ?? null);
      return otherwise ?? null;
    },
  ],
  [
    'pop',
    function* (machine, dict, args) {
      const [key, otherwise] = bind('pop', args, ['key', 'default?']);
      const name = yield* machine.forceDeep(key as Value);
      const entry = dict.entries.get(hashKey(name));
      if (entry === undefined) {
        if (otherwise === undefined) throw raiseWith('KeyError', name);
        return otherwise;
      }
      yield* machine.beforeChange();
      dict.entries.delete(hashKey(name));
      return entry.value;
    },
  ],
  [
    'popitem',
    function* (machine, dict, args) {
      bind('popitem', args, []);
      const last = [...dict.entries].at(-1);
      if (last === undefined) throw raise('KeyError', 'popitem(): dictionary is empty');
      yield* machine.beforeChange();
      dict.entries.delete(last[0]);
      return new TupleValue([last[1].key, last[1].value]);
    },
  ],
  [
    'update',
    function* (machine, dict, args) {
      yield* machine.beforeChange();
      yield* fillDict(machine, dict, args);
      return null;
    },
  ],
  [
    'copy',
    function* (machine, dict, args) {
      bind('copy', args, []);
      machine.meter.collection(dict.entries.size);
      return copyOf(dict);
    },
  ],
  [
    'clear',
    function* (machine, dict, args) {
      bind('clear', args, []);
      yield* machine.beforeChange();
      dict.entries.clear();
      return null;
    },
  ],
]);

/** Entries from the greatest count to the least; equal counts keep their order. */
function byCount(counter: DictValue): { key: Value; value: Value }[] {
  return [...counter.entries.values()].sort((a, b) =>
    order('>', a.value, b.value) ? -1 : order('<', a.value, b.value) ? 1 : 0,
  );
}

/** Methods that a Counter has beside those of a dict, or instead of them. */
export const COUNTER_METHODS: ReadonlyMap<string, DictMethod> = new Map<string, DictMethod>([
  [
    'most_common',
    function* (machine, counter, args) {
      const [n] = bind('most_common', args, ['n?']);
      const count = yield* machine.force(n ?? null);
      const entries = byCount(counter);
      const kept = count === null ? entries : entries.slice(0, Math.max(0, Number(integerArgument(count))));
      return new ListValue(kept.map(({ key, value }) => new TupleValue([key, value])));
    },
  ],
  [
    'elements',
    function* (machine, counter, args) {
      bind('elements', args, []);
      const items: Value[] = [];
      for (const { key, value } of counter.entries.values()) {
        const count = Math.max(0, Number(integerArgument(value)));
        machine.meter.collection(items.length + count, count);
        for (let i = 0; i < count; i += 1) items.push(key);
      }
      return new IteratorValue('chain', sequenceCursor(items));
    },
  ],
  [
    'total',
    function* ({ meter }, counter, args) {
      bind('total', args, []);
      let total: Value = 0n;
      for (const { value } of counter.entries.values()) total = binary(meter, '+', total, value);
      return total;
    },
  ],
  [
    'update',
    function* (machine, counter, args) {
      yield* machine.beforeChange();
      yield* fillCounter(machine, counter, args);
      return null;
    },
  ],
  [
    'subtract',
    function* (machine, counter, args) {
      yield* machine.beforeChange();
      const other = new DictValue(true);
      yield* fillCounter(machine, other, args);
      for (const [hash, { key, value }] of other.entries) {
        const before = counter.entries.get(hash)?.value ?? 0n;
        machine.meter.collection(counter.entries.size + 1, 1);
        setEntry(counter, key, binary(machine.meter, '-', before, value));
      }
      return null;
    },
  ],
]);
