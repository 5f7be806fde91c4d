import type { Comprehension } from '../ir.js';
import type { Here } from './evaluate.js';
import { evaluate } from './evaluate.js';
import { assignTarget } from './assign.js';
import type { State } from './state.js';
import type { AbstractValue, Interval } from './values.js';
import { ANY_LENGTH, UNKNOWN, exactly, later, madeFrom } from './values.js';

/** Evaluates a comprehension: its element once, its work as often as its turns. */
export function evaluateComprehension(here: Here, node: Comprehension): AbstractValue {
  let turns: Interval = exactly(1);
  const inside: Here = { ...here, state: here.state.clone() };
  const parts: AbstractValue[] = [];
  for (const clause of node.clauses) {
    const iterable = evaluate(inside, clause.iterable);
    parts.push(iterable);
    const { shape } = iterable;
    const length =
      shape.kind === 'list'
        ? shape.length
        : shape.kind === 'tuple'
          ? exactly(shape.items.length)
          : ANY_LENGTH;
    const element = shape.kind === 'list' ? (shape.element ?? UNKNOWN) : UNKNOWN;
    assignTarget(
      inside,
      clause.target,
      madeFrom(element.shape, [element, madeFrom({ kind: 'unknown' }, [iterable])]),
    );
    turns = { least: product(turns.least, length.least), greatest: product(turns.greatest, length.greatest) };
    for (const condition of clause.conditions) {
      const test = evaluate(inside, condition);
      parts.push(test);
      inside.state.waitFor(test);
      turns = { least: 0, greatest: turns.greatest };
    }
  }
  const { work: before, control } = inside.state;
  const { turnsTaken } = here.flow;
  const element = evaluate(inside, node.element);
  const value = node.value && evaluate(inside, node.value);
  here.state.work = repeat(before, inside.state.work, turns);
  // What decides inside what comes next may be waited for by what follows; of helpers that take turns, each.
  const times = here.flow.turnsTaken > turnsTaken ? turns.greatest : 1;
  const greatest = control.greatest + product(inside.state.control.greatest - control.greatest, times);
  const { work } = here.state;
  if (times > 1) here.state.work = { ...work, chain: later(work.chain, { least: 0, greatest }) };
  here.state.control = { ...here.state.control, greatest: Math.max(here.state.control.greatest, greatest) };
  // Names bound by ":=" stay; those of the clauses do not.
  if (node.form === 'dict')
    return madeFrom({ kind: 'other' }, [...parts, element, ...(value ? [value] : [])]);
  return madeFrom({ kind: 'list', element, length: turns }, [...parts, element]);
}

function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** Work after a number of turns that each do what lies between two states of work. */
export function repeat(before: State['work'], after: State['work'], turns: Interval): State['work'] {
  const times = (from: Interval, to: Interval): Interval => ({
    least: from.least + product(to.least - from.least, turns.least),
    greatest: from.greatest + product(to.greatest - from.greatest, turns.greatest),
  });
  return {
    operatorCalls: times(before.operatorCalls, after.operatorCalls),
    modelCalls: times(before.modelCalls, after.modelCalls),
    chain: {
      least: turns.least === 0 ? before.chain.least : after.chain.least,
      greatest: turns.greatest === 0 ? before.chain.greatest : after.chain.greatest,
    },
  };
}
