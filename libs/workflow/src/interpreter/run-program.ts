import type { Program, SourceRange } from '../ir.js';
import { CallBook, CallFailed, CallSlots } from './call-book.js';
import { Brake, drive } from './drive.js';
import { isStackOverflow, Raised, raise, Stop, type LimitName } from './errors.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { callFunction, evaluateDefaults } from './functions.js';
import { Machine, SharedRun } from './machine.js';
import { DEFAULT_LIMITS, Meter, type ProgramLimits } from './meter.js';
import type { CallOperator, UsageSummary } from './operator-port.js';
import { Scope } from './scope.js';
import { text } from './text.js';
import type { ExceptionValue } from './values.js';
import { DictValue, FunctionValue, TupleValue, type Value } from './values.js';

/** What a run of a program needs. */
export interface RunProgramOptions {
  /** Value of the parameter `problem`. */
  readonly problem: string;
  /** Value of `entry_point`; undefined when the task has none. */
  readonly entryPoint?: string;
  /** Value of `self.dataset`. */
  readonly dataset?: string;
  /** Runs operators. */
  readonly callOperator: CallOperator;
  /** What was used so far; called only when no operator is at work. */
  readonly usage: () => UsageSummary;
  /** Seed of everything random, in [0, 2^32). */
  readonly seed: number;
  /** Limits other than the defaults. */
  readonly limits?: Partial<ProgramLimits>;
  /** Operator calls at work at once; 16 when not given. */
  readonly concurrency?: number;
  /** Whether every operator call is waited for where it stands, as in Python. The result is the same. */
  readonly sequential?: boolean;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** Starts a timer and gives what stops it; the run's wall-clock limit uses it. */
  readonly schedule?: (action: () => void, ms: number) => () => void;
}

/** How a run ended. */
export type ProgramOutcome = (
  | { readonly status: 'succeeded'; /** The answer as text. */ readonly answer: string }
  | {
      readonly status: 'failed';
      /** Python class name. */
      readonly errorType: string;
      readonly message: string;
      /** Where it was raised. */
      readonly range: SourceRange | undefined;
    }
  | { readonly status: 'limit'; readonly limit: LimitName; readonly allowed: number }
  | { readonly status: 'timeout'; readonly allowedMs: number }
  | { readonly status: 'cancelled' }
  /** An operator ended the run by an error that is no OperatorError. */
  | { readonly status: 'stopped'; readonly cause: unknown }
) & {
  readonly steps: number;
  readonly operatorCalls: number;
};

const systemSchedule = (action: () => void, ms: number): (() => void) => {
  const timer = setTimeout(action, ms);
  return () => {
    clearTimeout(timer);
  };
};

/**
 * Runs a checked program. Operator calls that don't need each other run at the
 * same time; results, seeds and places are those of a sequential run.
 *
 * It never throws: whatever ends the run is the outcome. Operator calls that are
 * still at work then are aborted.
 */
export async function runProgram(program: Program, options: RunProgramOptions): Promise<ProgramOutcome> {
  const meter = new Meter({ ...DEFAULT_LIMITS, ...options.limits });
  const brake = new Brake();
  const calls = new CallBook(new CallSlots(options.concurrency ?? 16), (stop) => {
    brake.pull(stop);
  });
  const { callOperator, usage, seed } = options;
  const ports = {
    callOperator,
    usage,
    drive: <T>(evaluation: Evaluation<T>, signal: AbortSignal) => drive(evaluation, brake, signal),
  };
  const shared = new SharedRun(program, ports, seed, options.sequential ?? false);
  const machine = new Machine(shared, meter, calls);
  const cancel = (): void => {
    brake.pull(new Stop({ kind: 'cancelled' }));
  };
  const { wallMs } = meter.limits;
  const stopTimer = (options.schedule ?? systemSchedule)(() => {
    brake.pull(new Stop({ kind: 'timeout', allowedMs: wallMs }));
  }, wallMs);
  options.signal?.addEventListener('abort', cancel, { once: true });
  if (options.signal?.aborted === true) cancel();
  try {
    const answer = await drive(runEntry(machine, options), brake);
    return { status: 'succeeded', answer, ...used(meter) };
  } catch (error) {
    return { ...failure(error, meter.limits), ...used(meter) };
  } finally {
    stopTimer();
    options.signal?.removeEventListener('abort', cancel);
    calls.discard(0);
  }
}

function used(meter: Meter): { steps: number; operatorCalls: number } {
  return { steps: meter.steps, operatorCalls: meter.operatorCalls };
}

function* runEntry(machine: Machine, options: RunProgramOptions): Evaluation<string> {
  try {
    const value = yield* callEntry(machine, options);
    yield* machine.calls.settle(0);
    return yield* answerText(machine, value);
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    throw (yield* machine.calls.earliestFailure()) ?? error;
  }
}

function* callEntry(machine: Machine, options: RunProgramOptions): Evaluation<Value> {
  const { program } = machine.run;
  const scope = new Scope(undefined, new Set());
  machine.run.attributes.set('name', program.className);
  machine.run.attributes.set('dataset', options.dataset ?? '');
  for (const { attribute, value, range } of program.attributes) {
    machine.range = range;
    machine.run.attributes.set(attribute, yield* evaluate(machine, scope, value));
  }
  const { entry } = program;
  const defaults = new Map(yield* evaluateDefaults(machine, scope, entry.parameters));
  const given = new Map<string, Value>();
  for (const [i, { name }] of entry.parameters.entries()) {
    if (i === 0) given.set(name, options.problem);
    else if (i === 1 && (options.entryPoint !== undefined || !defaults.has(name))) {
      given.set(name, options.entryPoint ?? null);
    }
  }
  const target = new FunctionValue('__call__', entry, scope, defaults);
  const value = yield* callFunction(machine, target, { positional: [], named: given }, '');
  return yield* machine.force(value);
}

/** AFlow's workflows return the answer, or a tuple of the answer and the cost. */
function* answerText(machine: Machine, value: Value): Evaluation<string> {
  const first = value instanceof TupleValue ? (value.items[0] ?? null) : value;
  const forced = yield* machine.forceDeep(first);
  const answer = forced instanceof DictValue ? soleText(forced) : forced;
  if (answer === null) throw raise('TypeError', 'the workflow returned None instead of an answer');
  return text(answer);
}

/** The text of an operator's result that was returned whole. */
function soleText(dict: DictValue): Value {
  const entries = [...dict.entries.values()];
  for (const name of ['response', 'solution', 'answer', 'output']) {
    const found = entries.find(({ key }) => key === name);
    if (found !== undefined) return found.value;
  }
  return dict;
}

type Failure =
  Exclude<ProgramOutcome, { status: 'succeeded' }> extends infer Outcome
    ? Outcome extends unknown
      ? Omit<Outcome, 'steps' | 'operatorCalls'>
      : never
    : never;

function failure(error: unknown, limits: ProgramLimits): Failure {
  if (error instanceof CallFailed) return raised(error.call.failure as ExceptionValue, error.call.range);
  if (error instanceof Raised) return raised(error.exception, error.range);
  if (error instanceof Stop) return stopped(error);
  // The host's own stack ran out before the depth limit did.
  if (isStackOverflow(error)) return { status: 'limit', limit: 'depth', allowed: limits.depth };
  return { status: 'stopped', cause: error };
}

function raised(exception: ExceptionValue, range: SourceRange | undefined): Failure {
  let message: string;
  try {
    message = text(exception).slice(0, 2_000);
  } catch {
    message = 'the error has no printable message';
  }
  return { status: 'failed', errorType: exception.type, message, range };
}

function stopped({ reason }: Stop): Failure {
  switch (reason.kind) {
    case 'limit':
      return { status: 'limit', limit: reason.limit, allowed: reason.allowed };
    case 'timeout':
      return { status: 'timeout', allowedMs: reason.allowedMs };
    case 'cancelled':
      return { status: 'cancelled' };
    case 'operator':
      return { status: 'stopped', cause: reason.cause };
  }
}
