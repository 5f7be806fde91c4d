import type { Argument, FunctionDefinition, Lambda } from '../ir.js';
import { evaluate } from './evaluate.js';
import type { Here } from './evaluate.js';
import { execute } from './execute.js';
import { newFrame } from './flow.js';
import type { Variable } from './state.js';
import { State, joinAll } from './state.js';
import type { AbstractValue } from './values.js';
import { UNKNOWN, joinValues, later, madeFrom, plain } from './values.js';

/** Runs a function abstractly with its arguments; `closure` is where its free names are looked up. */
export function callFunction(
  here: Here,
  node: FunctionDefinition | Lambda,
  args: readonly Argument[],
  values: readonly AbstractValue[],
  closure: Here | undefined,
): AbstractValue {
  const isJoined = here.flow.gathers > 0;
  return here.flow.nested(() => {
    const variables = bind(here, node, args, values);
    const start = new State(variables, here.state.work, here.state.control, here.state.dependent);
    const outer = closure && { frame: closure.frame, state: closure.state };
    if (!('body' in node && Array.isArray(node.body))) {
      const lambda = node as Lambda;
      const inside = { flow: here.flow, frame: newFrame(undefined, outer), state: start };
      const value = evaluate(inside, lambda.body);
      here.state.work = start.work;
      return value;
    }
    const definition = node as FunctionDefinition;
    const frame = newFrame(definition, outer);
    here.flow.entered.add(definition);
    const end = execute({ flow: here.flow, frame }, definition.body, start);
    const ends = [...frame.returns.map((item) => item.state), end];
    const last = joinAll(ends);
    // A function that never comes back raised an error; what it did before is not known.
    here.state.work = last?.work ?? start.work;
    // A helper may go on beside its caller, who then waits for what it gives alone.
    const { least } = definition.isAsync ? here.state.control : (last?.control ?? start.control);
    if (
      last &&
      last.control.greatest > here.state.control.greatest &&
      here.flow.takesTurns(definition, values, isJoined)
    ) {
      here.flow.turnsTaken += 1;
    }
    if (last) here.state.control = { least, greatest: last.control.greatest };
    const results = frame.returns.map((item) => item.value);
    if (end) results.push(plain({ kind: 'none' }));
    const [first, ...rest] = results;
    if (!first) return UNKNOWN;
    const given = rest.reduce((a, b) => joinValues(a, b), first);
    const joined = last ? { ...given, wait: later(given.wait, last.control) } : given;
    return frame.returns.some((item) => item.state.dependent) ? { ...joined, dependent: true } : joined;
  });
}

function bind(
  here: Here,
  node: FunctionDefinition | Lambda,
  args: readonly Argument[],
  values: readonly AbstractValue[],
): Map<string, Variable> {
  const variables = new Map<string, Variable>();
  const all = madeFrom({ kind: 'unknown' }, values);
  const isSure = !args.some((argument) => argument.value.kind === 'starred');
  node.parameters.forEach((parameter, index) => {
    let value: AbstractValue | undefined;
    args.forEach((argument, at) => {
      if (argument.name === parameter.name || (argument.name === '' && at === index)) value = values[at];
    });
    const fallback = parameter.defaultValue ? evaluate(here, parameter.defaultValue) : all;
    variables.set(parameter.name, { value: isSure ? (value ?? fallback) : all, certain: true });
  });
  return variables;
}
