import type { SourceRange } from '../ir.js';

/** An argument of an operator call, with everything in it known. */
export interface OperatorArgument {
  /** Python's `str` of the value: what an f-string in a prompt would show. */
  readonly text: string;
  /** Python's name of its type, such as "str" or "list". */
  readonly type: string;
  /** The value itself where it is None, a truth value, a number or a string; integers are bigints. */
  readonly value: null | boolean | bigint | number | string | undefined;
  /** The items, for a list or tuple. */
  readonly items: readonly OperatorArgument[] | undefined;
}

/** Arguments by parameter name; a Map, so that no name can reach a prototype. */
export type OperatorArguments = ReadonlyMap<string, OperatorArgument>;

/** A value in an operator's result; integers are bigints. */
export type OperatorOutput = null | boolean | bigint | number | string | readonly OperatorOutput[];

/** One call of an operator. */
export interface OperatorRequest {
  /** Operator name, such as "sc_ensemble". */
  readonly operator: string;
  /** Arguments that the call gives. */
  readonly arguments: OperatorArguments;
  /** Arguments that its constructor was given in `__init__`. */
  readonly constructorArguments: OperatorArguments;
  /** Identifies the call: call sites and loop indices that lead to it, the same in every run of the program. */
  readonly place: string;
  /** The function call that makes it: name of the function, and its place (empty for `__call__`). */
  readonly caller: { readonly name: string; readonly place: string };
  /** Places of the calls that had to end before this one could begin; of more than 64, the last ones. */
  readonly follows: readonly string[];
  /** Where the call stands in the source. */
  readonly range: SourceRange;
  /** Seed in [0, 2^31), made from the run's seed and the place. */
  readonly seed: number;
  /** Aborted when the call's result is no longer wanted. */
  readonly signal: AbortSignal;
}

/**
 * Runs an operator and gives the fields of its result in order.
 *
 * It throws OperatorError for a failure that the program may catch; anything
 * else ends the run.
 */
export type CallOperator = (request: OperatorRequest) => Promise<ReadonlyMap<string, OperatorOutput>>;

/** Usage so far, under the names of AFlow's usage summary. */
export interface UsageSummary {
  readonly total_cost: number;
  readonly total_input_tokens: number;
  readonly total_output_tokens: number;
  readonly call_count: number;
}
