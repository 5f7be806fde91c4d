import { CallFailed } from './call-book.js';
import { isStackOverflow, Raised, Stop } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { callFunction, type CallArguments } from './functions.js';
import { areConstant, isInert } from './isolation.js';
import { PendingResult, type BeginOptions, type PendingCall } from './lazy.js';
import type { Machine } from './machine.js';
import { EMPTY_SCOPE } from './scope.js';
import type { FunctionValue } from './values.js';
import { copyOf, type Value } from './values.js';

/**
 * Calls an async function of the program. One that changes nothing but what is
 * its own goes on beside the program from where it first has to wait: its value
 * is lazy then, and its calls are made and fail in program order all the same.
 */
export function* callAsync(
  machine: Machine,
  callee: FunctionValue,
  args: CallArguments,
  path: string,
  options: BeginOptions,
): Evaluation<Value> {
  const { collected, joins } = options;
  const way = machine.run.sequential ? 'inTurn' : wayOf(machine, callee, args, joins !== undefined);
  const thread = way === 'inTurn' ? machine : machine.fork();
  const call = (): Evaluation<Value> => callFunction(thread, callee, args, path);
  const body = collected ? raisedAsValue(thread, call) : call();
  if (way === 'inTurn') {
    if (joins !== undefined) yield* machine.calls.await(joins);
    return yield* body;
  }
  const value = yield* begin(machine, thread, body, path);
  if (way === 'joined' && value instanceof PendingResult) joins?.push(value.call);
  return value;
}

/** Runs the part that need not wait in its turn; what is left goes on beside the program. */
function* begin(machine: Machine, thread: Machine, body: Evaluation<Value>, path: string): Evaluation<Value> {
  try {
    for (;;) {
      const next = body.next();
      if (next.done === true) {
        machine.calls.adopt(thread.calls);
        return next.value;
      }
      if (next.value !== null) {
        const pending = machine.calls.enterHelper(`${machine.place}${path}`, machine.range);
        void goOn(machine, thread, finish(thread, next.value, body), pending);
        return new PendingResult(pending);
      }
      yield null;
    }
  } catch (error) {
    machine.calls.adopt(thread.calls);
    // What it was given may have failed before: then nothing of it would have happened.
    if (error instanceof CallFailed) throw (yield* machine.calls.earliestFailure()) ?? error;
    throw error;
  }
}

async function goOn(
  machine: Machine,
  thread: Machine,
  rest: Evaluation<Value>,
  pending: PendingCall,
): Promise<void> {
  const { signal } = pending.controller;
  signal.addEventListener('abort', () => {
    thread.calls.discard(0);
  });
  try {
    const value = await machine.run.ports.drive(rest, signal);
    machine.calls.helperReturned(pending, value, copyOf(value), thread.calls);
  } catch (error) {
    thread.calls.discard(0);
    machine.calls.helperThrew(pending, isStackOverflow(error) ? depthReached(machine) : error);
  }
}

/** The host's own stack ran out before the depth limit did. */
function depthReached({ meter }: Machine): Stop {
  return new Stop({ kind: 'limit', limit: 'depth', allowed: meter.limits.depth });
}

function* finish(thread: Machine, first: Promise<void>, body: Evaluation<Value>): Evaluation<Value> {
  try {
    yield first;
    const value = yield* body;
    yield* thread.calls.settle(0);
    return yield* thread.forceDeep(value);
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    throw (yield* thread.calls.earliestFailure()) ?? error;
  }
}

function* raisedAsValue(machine: Machine, body: () => Evaluation<Value>): Evaluation<Value> {
  const outcome = yield* machine.guard(body);
  return outcome instanceof Raised ? outcome.exception : outcome.value;
}

/**
 * How a call may be made so that nobody can tell it from one in a sequential
 * run. Unless it is joined, the program goes on and may change what the function
 * sees, so that it must see nothing that can change.
 */
function wayOf(
  { run }: Machine,
  callee: FunctionValue,
  { positional, named }: CallArguments,
  canJoin: boolean,
): 'inTurn' | 'joined' | 'beside' {
  const given = [...positional, ...named.values(), ...callee.defaults.values()];
  const isFixed = areConstant(given);
  if (!run.isolation.isIsolated(callee.definition, isFixed)) return 'inTurn';
  // Whoever uses the result must not find it at work for somebody else, or begin with it what only this thread awaits.
  if (run.liveResults.isLive(callee.definition)) return 'inTurn';
  const seen = run.isolation.valuesUsed(callee, run.attributes);
  if (isFixed && callee.scope === EMPTY_SCOPE && areConstant(seen)) return 'beside';
  return canJoin && isInert([...given, ...seen], run.isolation, run.attributes) ? 'joined' : 'inTurn';
}
