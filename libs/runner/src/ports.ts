import type { Execution, ExecutionResult, Suite, Verdict } from '@flowreasoner/contracts/sandbox';
import type { ModelClient } from '@flowreasoner/model';
import type { ParentCall } from '@flowreasoner/rpc';

/** The time, and timers on it. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls `action` once after `ms` milliseconds; the returned function calls it off. */
  after(ms: number, action: () => void): () => void;
}

/** Runs model-written code. */
export interface Sandbox {
  /**
   * Grades a Python program against a suite.
   *
   * @throws FlowError where no verdict could be had
   */
  grade(candidate: string, suite: Suite, wallMs: number, caller: ParentCall): Promise<Verdict>;
  /**
   * Runs a program to its end.
   *
   * @throws FlowError where it could not be run
   */
  execute(execution: Execution, caller: ParentCall): Promise<ExecutionResult>;
}

/** Everything that the workflow service takes from outside. */
export interface RunnerPorts {
  readonly models: ModelClient;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
}

/**
 * How an endpoint's models are best asked for code: `chat` by a question whose
 * answer holds a code block, `continue` by an answer that is begun with the
 * function and that the model goes on with. Small models do far better so.
 */
export type PromptStyle = 'chat' | 'continue';
