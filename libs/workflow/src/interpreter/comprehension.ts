import type { Comprehension, ComprehensionClause, Expression } from '../ir.js';
import { assign } from './assign.js';
import { hashKey, setEntry, truthy } from './compare.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { cursorOf, END, waitingCursor, type Cursor } from './iteration.js';
import type { Machine } from './machine.js';
import { Scope } from './scope.js';
import { DictValue, IteratorValue, ListValue, SetValue, type Value } from './values.js';

const NO_LOCALS: ReadonlySet<string> = new Set();

/**
 * Evaluates a comprehension. The first iterable is evaluated in the scope around
 * it and at once, the rest in a scope of its own.
 */
export function* comprehend(machine: Machine, outer: Scope, expression: Comprehension): Evaluation<Value> {
  const first = expression.clauses[0] as ComprehensionClause;
  const cursor = cursorOf(yield* machine.force(yield* evaluate(machine, outer, first.iterable)));
  const scope = new Scope(outer, NO_LOCALS, outer.functionScope);
  const turns = new Turns(machine, scope, expression, cursor);
  if (expression.form === 'generator') return new IteratorValue('generator', turns.generator());
  if (expression.form === 'list') return yield* collectList(machine, scope, expression.element, turns);
  if (expression.form === 'set') return yield* collectSet(machine, scope, expression.element, turns);
  return yield* collectDict(machine, scope, expression, turns);
}

function* collectList(machine: Machine, scope: Scope, element: Expression, turns: Turns): Evaluation<Value> {
  const list = new ListValue([]);
  while (yield* turns.next()) {
    list.items.push(yield* evaluate(machine, scope, element));
    machine.meter.collection(list.items.length, 1);
  }
  return list;
}

function* collectSet(machine: Machine, scope: Scope, element: Expression, turns: Turns): Evaluation<Value> {
  const set = new SetValue();
  while (yield* turns.next()) {
    const item = yield* machine.forceDeep(yield* evaluate(machine, scope, element));
    const hash = hashKey(item);
    if (!set.items.has(hash)) set.items.set(hash, item);
    machine.meter.collection(set.items.size, 1);
  }
  return set;
}

function* collectDict(
  machine: Machine,
  scope: Scope,
  expression: Comprehension,
  turns: Turns,
): Evaluation<Value> {
  const dict = new DictValue();
  while (yield* turns.next()) {
    const key = yield* machine.forceDeep(yield* evaluate(machine, scope, expression.element));
    setEntry(dict, key, yield* evaluate(machine, scope, expression.value as Expression));
    machine.meter.collection(dict.entries.size, 1);
  }
  return dict;
}

/** Walks through the clauses of a comprehension, one turn at a time. */
class Turns {
  private readonly cursors: (Cursor | undefined)[];
  private level = 0;
  private turn = 0;
  private readonly home: string;

  constructor(
    private readonly machine: Machine,
    private readonly scope: Scope,
    private readonly expression: Comprehension,
    first: Cursor,
  ) {
    this.cursors = expression.clauses.map((_, i) => (i === 0 ? first : undefined));
    this.home = machine.place;
  }

  /** Binds the targets for the next turn; false when there is none. The place is the turn's until then. */
  *next(): Evaluation<boolean> {
    const { machine, scope, expression, cursors } = this;
    machine.place = `${this.home}${expression.site}:${this.turn}/`;
    while (this.level >= 0) {
      machine.meter.step();
      yield* machine.breathe();
      const clause = expression.clauses[this.level] as ComprehensionClause;
      cursors[this.level] ??= cursorOf(
        yield* machine.force(yield* evaluate(machine, scope, clause.iterable)),
      );
      const item = yield* machine.next(cursors[this.level] as Cursor);
      if (item === END) {
        cursors[this.level] = undefined;
        this.level -= 1;
        continue;
      }
      yield* assign(machine, scope, clause.target, item);
      if (!(yield* this.accepts(clause))) continue;
      if (this.level < expression.clauses.length - 1) {
        this.level += 1;
        continue;
      }
      this.turn += 1;
      return true;
    }
    machine.place = this.home;
    return false;
  }

  private *accepts(clause: ComprehensionClause): Evaluation<boolean> {
    for (const condition of clause.conditions) {
      if (!truthy(yield* this.machine.force(yield* evaluate(this.machine, this.scope, condition))))
        return false;
    }
    return true;
  }

  /** The turns as a generator expression gives them, in places of their own wherever it is consumed. */
  generator(): Cursor {
    const { machine } = this;
    return waitingCursor(
      function* (this: Turns): Evaluation<Value | typeof END> {
        const outer = machine.place;
        const item = (yield* this.next())
          ? yield* evaluate(machine, this.scope, this.expression.element)
          : END;
        machine.place = outer;
        return item;
      }.bind(this),
    );
  }
}
