import type { Expression, Statement } from '../ir.js';
import { assignTarget } from './assign.js';
import { stored } from './escape.js';
import { evaluate, noteText } from './evaluate.js';
import type { Here } from './evaluate.js';
import type { Flow, Frame } from './flow.js';
import { runFor, runWhile } from './loops.js';
import { computeNumber } from './numbers.js';
import type { State } from './state.js';
import { joinAll, joinStates } from './state.js';
import type { AbstractValue } from './values.js';
import { madeFrom, plus, truth } from './values.js';

/** Where statements are run. */
export interface Place {
  readonly flow: Flow;
  readonly frame: Frame;
}

/** Runs a block abstractly; undefined when its end is never reached. */
export function execute(place: Place, block: readonly Statement[], start: State): State | undefined {
  let state: State | undefined = start;
  for (const statement of block) {
    if (!state) return undefined;
    place.flow.step();
    place.flow.reached.add(statement);
    mayRaise(place, state);
    state = run(place, statement, state);
    if (state) mayRaise(place, state);
  }
  return state;
}

/** Anywhere in a `try` an error may come. */
function mayRaise(place: Place, state: State): void {
  place.frame.tries.at(-1)?.push(state.clone());
}

function run(place: Place, node: Statement, state: State): State | undefined {
  const here: Here = { ...place, state };
  switch (node.kind) {
    case 'assign': {
      const value = stored(here, node.value, evaluate(here, node.value));
      for (const target of node.targets) assignTarget(here, target, value);
      return state;
    }
    case 'augmentedAssign':
      augment(here, node.target, node.operator, node.value);
      return state;
    case 'expression':
      evaluate(here, node.value);
      return state;
    case 'if':
      return runIf(here, node);
    case 'for':
      return runFor(here, node);
    case 'while':
      return runWhile(here, node);
    case 'break':
      place.frame.loops.at(-1)?.breaks.push(state);
      return undefined;
    case 'continue':
      place.frame.loops.at(-1)?.continues.push(state);
      return undefined;
    case 'pass':
      return state;
    case 'return': {
      const value = node.value ? evaluate(here, node.value) : madeFrom({ kind: 'none' }, []);
      if (node.value) noteAnswer(here, node.value, value);
      place.frame.returns.push({ statement: node, value, state });
      return undefined;
    }
    case 'raise':
      if (node.exception) state.mayWaitFor(evaluate(here, node.exception));
      mayRaise(place, state);
      return undefined;
    case 'try':
      return runTry(here, node);
    case 'functionDefinition':
      state.set(node.name, madeFrom({ kind: 'function', node }, []));
      return state;
  }
}

/** In `__call__` the answer is a text: the value, or the first of a tuple. */
function noteAnswer(here: Here, node: Expression, value: AbstractValue): void {
  if (here.frame.node !== here.flow.program.entry) return;
  if (node.kind === 'tuple' && value.shape.kind === 'tuple') {
    const [item] = node.items;
    const [first] = value.shape.items;
    if (item && first) noteText(here, item, first);
  } else noteText(here, node, value);
}

function augment(
  here: Here,
  target: Expression,
  operator: Parameters<typeof computeNumber>[0],
  node: Expression,
): void {
  const before = evaluate(here, target);
  const value = evaluate(here, node);
  const isText = before.shape.kind === 'string' && value.shape.kind === 'string' && operator === '+';
  if (!isText) here.state.mayWaitFor(before, value);
  if (before.shape.kind === 'list' && value.shape.kind === 'list' && operator === '+') {
    const length = plus(before.shape.length, value.shape.length);
    const element = before.shape.element ?? value.shape.element;
    assignTarget(here, target, madeFrom({ kind: 'list', element, length }, [before, value]));
    return;
  }
  if (before.shape.kind === 'string' && operator === '+') {
    noteText(here, node, value);
    assignTarget(here, target, madeFrom({ kind: 'string' }, [before, value]));
    return;
  }
  assignTarget(here, target, madeFrom(computeNumber(operator, before, value), [before, value]));
}

function runIf(here: Here, node: Extract<Statement, { kind: 'if' }>): State | undefined {
  const { state } = here;
  const test = evaluate(here, node.test);
  const known = truth(test);
  state.waitFor(test);
  if (known !== undefined) return execute(here, known ? node.body : node.otherwise, state);
  const outer = state.dependent;
  const other = state.clone();
  state.dependent ||= test.dependent;
  other.dependent ||= test.dependent;
  const then = execute(here, node.body, state);
  const otherwise = execute(here, node.otherwise, other);
  const joined = joinStates(then, otherwise, { dependent: test.dependent });
  // Where both ways meet again, being here says nothing about the test.
  if (joined && then && otherwise) joined.dependent = outer;
  return joined;
}

function runTry(here: Here, node: Extract<Statement, { kind: 'try' }>): State | undefined {
  const { frame, state } = here;
  const raised: State[] = [];
  const before = state.clone();
  const reachedBefore = frame.returns.length;
  frame.tries.push(raised);
  const done = execute(here, node.body, state);
  frame.tries.pop();
  // Pending calls are awaited at its end, so that their failures are caught there.
  done?.mayWaitForAll();
  for (const item of raised) item.mayWaitForAll();
  const calls = raised.some((item) => item.work.operatorCalls.greatest > before.work.operatorCalls.greatest);
  const failed = joinAll(raised.length > 0 ? raised : [before]);
  const ends: (State | undefined)[] = [done && execute(here, node.otherwise, done)];
  for (const handler of node.handlers) {
    const entry = failed?.clone();
    if (!entry) continue;
    entry.dependent ||= calls;
    if (handler.name !== '') entry.set(handler.name, madeFrom({ kind: 'unknown' }, []));
    ends.push(execute(here, handler.body, entry));
  }
  const joined = joinAll(ends, { dependent: calls });
  if (joined && ends.every((end) => end !== undefined)) joined.dependent = before.dependent;
  if (node.finalizer.length === 0) return joined;
  if (joined) return execute(here, node.finalizer, joined);
  // It still runs on the way out.
  const out = joinAll([failed, ...frame.returns.slice(reachedBefore).map((item) => item.state)]);
  if (out) execute(here, node.finalizer, out.clone());
  return undefined;
}
