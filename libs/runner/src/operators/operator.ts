import type { ExecutionResult, Suite, Verdict } from '@flowreasoner/contracts/sandbox';
import type { Completion, CompletionRequest } from '@flowreasoner/model';
import type { OperatorArguments, OperatorOutput } from '@flowreasoner/workflow';

/** How operators behave: `standard` is right, `compatible` is AFlow's behaviour, quirks included. */
export type Mode = 'standard' | 'compatible';

/** What an operator asks of a model; model, seed, sample index and limits are filled in by its caller. */
export type Ask = Pick<CompletionRequest, 'messages' | 'stop' | 'temperature'> & {
  /** Greatest number of completion tokens; the run's limit when absent. */
  readonly maxTokens?: number;
};

/** The task that the workflow is run for. */
export interface OperatorTask {
  readonly problem: string;
  /** Empty when the task has none. */
  readonly entryPoint: string;
  /** Tests that may be run and shown to models; undefined means none. */
  readonly visibleChecks: Suite | undefined;
}

/** What one operator call may use. Requests are numbered by their order, so that memo keys and seeds depend on it alone. */
export interface OperatorContext {
  readonly mode: Mode;
  readonly task: OperatorTask;
  /** Whether the worker model goes on with an answer that the caller has begun. */
  readonly continuesAnswers: boolean;
  /** A number in [0, 1) from this call's own seeded sequence. */
  readonly random: () => number;
  /** Aborts when the run is over. */
  readonly signal: AbortSignal;
  /** Asks the worker model. */
  ask(request: Ask): Promise<Completion>;
  /** Draws `count` samples of one request; their seeds differ by sample index. */
  askMany(request: Ask, count: number): Promise<readonly Completion[]>;
  /** Grades code on a suite in the sandbox. */
  grade(candidate: string, suite: Suite): Promise<Verdict>;
  /** Runs a Python program in the sandbox. */
  execute(source: string): Promise<ExecutionResult>;
}

/** Fields of an operator's result in the order of its signature; numbers that are integers are bigints. */
export type OperatorResult = ReadonlyMap<string, OperatorOutput>;

/** One call of an operator; arguments that were not given are absent, their defaults are the operator's to fill in. */
export interface OperatorInvocation {
  readonly arguments: OperatorArguments;
  readonly constructorArguments: OperatorArguments;
}

/** An operator's behaviour. Its signature stands in the workflow library under the same name. */
export type Operator = (invocation: OperatorInvocation, context: OperatorContext) => Promise<OperatorResult>;
