import type { AbstractValue, Interval } from './values.js';
import { NOW, hull, joinValues, later, sameShape } from './values.js';

/** A variable at a place. */
export interface Variable {
  readonly value: AbstractValue;
  /** Whether every way to the place assigns it. */
  readonly certain: boolean;
}

/** Work done on the way to a place. */
export interface Work {
  readonly operatorCalls: Interval;
  readonly modelCalls: Interval;
  /** Model requests on the longest chain so far. */
  readonly chain: Interval;
}

/** What is known at a place in the program; changed in place, cloned where ways part. */
export class State {
  constructor(
    readonly variables: Map<string, Variable>,
    public work: Work,
    /** What has to be there before anything that follows can begin. */
    public control: Interval,
    /** Whether getting here depends on what an operator answered. */
    public dependent: boolean,
  ) {}

  /** A state at the start of a program. */
  static initial(): State {
    return new State(new Map(), { operatorCalls: NOW, modelCalls: NOW, chain: NOW }, NOW, false);
  }

  clone(): State {
    return new State(new Map(this.variables), this.work, this.control, this.dependent);
  }

  /** What follows waits for the value: it decides what comes next. */
  waitFor(value: AbstractValue): void {
    // A list is there before its items.
    if (value.shape.kind === 'list' || value.shape.kind === 'tuple') this.mayWaitFor(value);
    else this.control = later(this.control, value.wait);
  }

  /** What follows may have to wait for the values, as the interpreter looks into them at once. */
  mayWaitFor(...values: readonly AbstractValue[]): void {
    for (const { wait } of values) {
      const greatest = Math.max(this.control.greatest, wait.greatest);
      this.control = { least: this.control.least, greatest };
    }
  }

  /** What follows may have to wait for every call before it. */
  mayWaitForAll(): void {
    const greatest = Math.max(this.control.greatest, this.work.chain.greatest);
    this.control = { least: this.control.least, greatest };
  }

  set(name: string, value: AbstractValue): void {
    this.variables.set(name, { value, certain: true });
  }
}

/** How states are joined. */
export interface JoinOptions {
  /** Give up what differs, for loops. */
  readonly widen?: boolean;
  /** The ways parted on what an operator answered, so values that differ depend on it. */
  readonly dependent?: boolean;
}

/** What holds wherever either state holds; an undefined state is never reached. */
export function joinStates(
  a: State | undefined,
  b: State | undefined,
  options: JoinOptions = {},
): State | undefined {
  if (!a || !b) return a ?? b;
  const variables = new Map(a.variables);
  a.variables.forEach((left, name) => {
    const right = b.variables.get(name);
    if (right === left) return;
    variables.set(name, right ? joinVariables(left, right, options) : { ...left, certain: false });
  });
  b.variables.forEach((right, name) => {
    if (!variables.has(name)) variables.set(name, { ...right, certain: false });
  });
  const work = {
    operatorCalls: hull(a.work.operatorCalls, b.work.operatorCalls),
    modelCalls: hull(a.work.modelCalls, b.work.modelCalls),
    chain: hull(a.work.chain, b.work.chain),
  };
  return new State(variables, work, hull(a.control, b.control), a.dependent || b.dependent);
}

function joinVariables(a: Variable, b: Variable, options: JoinOptions): Variable {
  const value = joinValues(a.value, b.value, options.widen);
  const differs = options.dependent === true && !sameShape(a.value.shape, b.value.shape);
  return { value: differs ? { ...value, dependent: true } : value, certain: a.certain && b.certain };
}

/** Joins any number of states. */
export function joinAll(
  states: readonly (State | undefined)[],
  options: JoinOptions = {},
): State | undefined {
  return states.reduce((joined, state) => joinStates(joined, state, options), undefined);
}
