import type { Statement } from '../ir.js';
import { assignTarget } from './assign.js';
import { evaluate, unbounded } from './evaluate.js';
import type { Here } from './evaluate.js';
import { execute } from './execute.js';
import type { State } from './state.js';
import { joinAll, joinStates } from './state.js';
import type { AbstractValue, Interval } from './values.js';
import { ANY_LENGTH, exactly, madeFrom, truth } from './values.js';

/** Turns that are run one by one; beyond them a loop is summed up. */
const MAX_TURNS = 24;

type For = Extract<Statement, { kind: 'for' }>;
type While = Extract<Statement, { kind: 'while' }>;

/** Runs a `for` loop. */
export function runFor(here: Here, node: For): State | undefined {
  const iterable = evaluate(here, node.iterable);
  const { shape } = iterable;
  const turns: Interval =
    shape.kind === 'list' ? shape.length : shape.kind === 'tuple' ? exactly(shape.items.length) : ANY_LENGTH;
  here.state.mayWaitFor(iterable);
  const item = (turn: number): AbstractValue => {
    const known =
      shape.kind === 'tuple' ? shape.items[turn] : shape.kind === 'list' ? shape.element : undefined;
    const index = isRange(node) && turn >= 0 ? rangeItem(turn) : undefined;
    return index ?? known ?? madeFrom({ kind: 'unknown' }, [iterable]);
  };
  const enter = (state: State, turn: number): void => {
    assignTarget({ ...here, state }, node.target, item(turn));
  };
  const loop = new Loop(here, node);
  let state: State | undefined = here.state;
  const exits: (State | undefined)[] = [];
  const unrolled = Math.min(turns.greatest, MAX_TURNS);
  for (let turn = 0; turn < unrolled && state; turn++) {
    if (turn >= turns.least) exits.push(state.clone());
    enter(state, turn);
    state = loop.turn(state);
  }
  if (state && turns.greatest > MAX_TURNS) {
    const rest = { least: Math.max(0, turns.least - MAX_TURNS), greatest: turns.greatest - MAX_TURNS };
    state = loop.summary(state, rest, (next) => {
      enter(next, -1);
      return next;
    });
  }
  exits.push(state);
  return loop.leave(joinAll(exits));
}

function isRange(node: For): boolean {
  const { iterable } = node;
  return (
    iterable.kind === 'call' &&
    iterable.function.kind === 'builtin' &&
    iterable.function.name === 'range' &&
    iterable.arguments.length === 1
  );
}

function rangeItem(turn: number): AbstractValue {
  return madeFrom({ kind: 'number', value: exactly(turn) }, []);
}

/** Runs a `while` loop. */
export function runWhile(here: Here, node: While): State | undefined {
  const loop = new Loop(here, node);
  const exits: State[] = [];
  let state: State | undefined = here.state;
  let certain = true;
  for (let turn = 0; turn < MAX_TURNS && state; turn++) {
    state = test(here, node, state, exits);
    if (!state) break;
    certain &&= exits.length === 0;
    state = loop.turn(state);
  }
  if (state) {
    const rest = { least: 0, greatest: Infinity };
    state = loop.summary(state, rest, (next) => test(here, node, next, exits));
    if (state && truth(evaluate({ ...here, state: state.clone() }, node.test)) === true) state = undefined;
    if (!state && exits.length === 0 && loop.breaks.length === 0 && here.frame.returns.length === 0) {
      const head = { ...node.range, endLine: node.range.startLine, endColumn: node.range.startColumn + 5 };
      here.flow.diagnostics.add(
        'FW213',
        head,
        'this loop never ends; it would be cut at the step limit; add a "break" or a counter',
      );
    }
  }
  return loop.leave(joinAll([...exits, state]));
}

/** Evaluates the test at the start of a turn; undefined when the turn is not reached. */
function test(here: Here, node: While, state: State, exits: State[]): State | undefined {
  const value = evaluate({ ...here, state }, node.test);
  state.waitFor(value);
  const known = truth(value);
  if (known !== true) exits.push(state.clone());
  return known === false ? undefined : state;
}

/** One loop at work. */
class Loop {
  readonly breaks: State[] = [];

  constructor(
    private readonly here: Here,
    private readonly node: For | While,
  ) {}

  /** Runs the body once; undefined when no next turn is reached. */
  turn(state: State): State | undefined {
    const { frame } = this.here;
    const exits = { breaks: this.breaks, continues: [] as State[] };
    frame.loops.push(exits);
    const end = execute(this.here, this.node.body, state);
    frame.loops.pop();
    return joinAll([end, ...exits.continues]);
  }

  /** Sums up further turns of which only the number's bounds are known. */
  summary(start: State, turns: Interval, enter: (state: State) => State | undefined): State | undefined {
    let state: State | undefined = start;
    for (let round = 0; round < 3; round++) {
      const next: State | undefined = enter(state.clone());
      const end = next && this.turn(next);
      const grows = end !== undefined && end.work.operatorCalls.greatest > state.work.operatorCalls.greatest;
      const work = state.work;
      const joined: State | undefined = joinStates(state, end, { widen: true });
      if (!joined) return undefined;
      state = joined;
      state.work = work;
      if (grows && turns.greatest === Infinity) {
        this.reportUnbounded();
        state.work = unbounded(work);
      } else if (grows && end && round === 2) {
        const perTurn = end.work.operatorCalls.greatest - work.operatorCalls.greatest;
        const models = end.work.modelCalls.greatest - work.modelCalls.greatest;
        const chain = end.work.chain.greatest - work.chain.greatest;
        const add = (interval: Interval, each: number) => ({
          ...interval,
          greatest: interval.greatest + (each === 0 ? 0 : each * turns.greatest),
        });
        state.work = {
          operatorCalls: add(work.operatorCalls, perTurn),
          modelCalls: add(work.modelCalls, models),
          chain: add(work.chain, Number.isNaN(chain) ? Infinity : Math.max(chain, 0)),
        };
      }
    }
    return state;
  }

  private reportUnbounded(): void {
    const { range, kind } = this.node;
    const head = { ...range, endLine: range.startLine, endColumn: range.startColumn + kind.length };
    this.here.flow.diagnostics.add(
      'FW301',
      head,
      'nothing bounds how often this loop calls operators; it is cut at the limit of calls; use "for _ in range(3)"',
    );
  }

  /** Runs `else` where the loop was not left by `break`, and joins all ways out. */
  leave(ended: State | undefined): State | undefined {
    const otherwise = ended && execute(this.here, this.node.otherwise, ended);
    return joinAll([otherwise, ...this.breaks]);
  }
}
