import type { Suite, Verdict } from '@flowreasoner/contracts/sandbox';
import type { AnswerJudge } from '@flowreasoner/evaluate';
import type { ParentCall } from '@flowreasoner/rpc';
import type { Logger } from '@flowreasoner/telemetry';
import type { RewardTask } from './tasks/task.js';

/** Grades a program against a suite in the sandbox. */
export interface Grader {
  /**
   * @throws FlowError where no verdict could be had; its text may quote the
   *   suite, so it must not be shown, logged or passed on
   */
  grade(request: GradingRequest): Promise<Verdict>;
}

/** One grading. */
export interface GradingRequest {
  /** The program to be judged, in UTF-8. */
  readonly candidate: Uint8Array;
  readonly suite: Suite;
  /** On whose behalf; its end is the grading's end, in the sandbox too. */
  readonly caller: ParentCall;
}

/**
 * Keeps tasks with their hidden suites.
 *
 * Methods throw FlowError UNAVAILABLE TASK_STORE_FAILED when the store fails.
 */
export interface TaskStore {
  /** The task of a handle, or undefined where there is none (any more). */
  get(handle: string): Promise<RewardTask | undefined>;
  /** The task that a request id of a tenant made, or undefined. */
  findByRequest(tenant: string, requestId: string): Promise<RewardTask | undefined>;
  /**
   * Stores a task under its handle and, where it has one, its request id.
   *
   * @returns the task, or the one that another process stored under this request id meanwhile
   */
  put(task: RewardTask): Promise<RewardTask>;
}

/** What a score needs to know about a workflow's source. */
export interface WorkflowAnalyzer {
  /** The analysed program, or undefined where the source is no valid workflow. */
  analyze(source: string): AnalyzedWorkflow | undefined;
}

/** Size of a workflow. */
export interface WorkflowSize {
  /** IR nodes. */
  readonly nodes: number;
  /** Places where an operator is called. */
  readonly operatorCalls: number;
  /** Deepest nesting of statements. */
  readonly depth: number;
}

/** A valid workflow. */
export interface AnalyzedWorkflow {
  readonly measures: WorkflowSize;
  /** Similarity to another workflow of the same analyzer, in [0, 1]; 1 is alike. */
  similarityTo(other: AnalyzedWorkflow): number;
}

/** Everything that the reward service takes from outside. */
export interface RewardPorts {
  readonly grader: Grader;
  /** Judges answers in text; closed by whoever made it. */
  readonly judge: AnswerJudge;
  readonly tasks: TaskStore;
  readonly workflows: WorkflowAnalyzer;
  /** Unguessable bytes, for handles. */
  readonly randomBytes: (length: number) => Uint8Array;
  readonly logger: Logger;
}
