import type { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import type { Task, RunOptions, FeedbackSource } from '@flowreasoner/contracts/metaagent';
import type { RewardServiceClient } from '@flowreasoner/contracts/reward';
import type { SandboxServiceClient, Suite } from '@flowreasoner/contracts/sandbox';
import type { Budget, ModelRef, OperatorMode, WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import type { AnswerJudge } from '@flowreasoner/evaluate';
import type { MetaModel } from '../policies/meta-model.js';
import type { SharedCatalogue } from '../policies/operator-catalogue.js';
import type { Clock } from '../ports.js';
import type { RunRecord } from '../runs/run-record.js';
import type { RunFact } from '../runs/run-writer.js';
import type { Ledger } from './ledger.js';
import type { ModelTests } from './model-tests.js';

/** Services that solving a run calls. */
export interface SolvePorts {
  readonly clock: Clock;
  readonly workflows: WorkflowServiceClient;
  readonly catalogue: SharedCatalogue;
  readonly sandbox: SandboxServiceClient;
  /** Absent where answers are never scored. */
  readonly reward?: RewardServiceClient | undefined;
  /** Absent where no model designs workflows: then the policy `llm` is refused. */
  readonly meta?: MetaModel | undefined;
  readonly metaLimits: MetaLimits;
  /** Judges answers in text. */
  readonly answers: AnswerJudge;
  /** How long a run waits for a service that can't be reached, in milliseconds. */
  readonly patienceMs: number;
}

/** How much a meta model is told and may say. */
export interface MetaLimits {
  /** Bytes of a prompt at most; what does not fit is left out, least important first. */
  readonly promptBytes: number;
  /** Tokens of an answer at most, with its reasoning. */
  readonly maxTokens: number;
}

/** A task, with what its query tells worked out. */
export interface PreparedTask {
  readonly task: Task;
  /** Whether the answer is a program. */
  readonly isCode: boolean;
  readonly problem: string;
  /** Name of the function asked for; empty when there is none. */
  readonly entryPoint: string;
  /** Visible checks; absent when neither the caller nor the query gives any. */
  readonly suite: Suite | undefined;
  /** How an answer in text is judged; absent when the caller does not say. */
  readonly answerChecks: AnswerChecks | undefined;
  /** Where feedback comes from, unless a model gives it. */
  readonly source: FeedbackSource;
}

/** Options with every default filled in. */
export interface CompleteOptions extends RunOptions {
  readonly budget: Budget;
  readonly maxRepairs: number;
  readonly meta: ModelRef;
  readonly worker: ModelRef;
  readonly mode: OperatorMode;
}

/** Everything that the steps of one run share. */
export interface SolveContext {
  readonly ports: SolvePorts;
  readonly runId: string;
  readonly tenant: string;
  readonly task: PreparedTask;
  readonly options: CompleteOptions;
  readonly ledger: Ledger;
  /** What earlier owners of the run have done; empty for a new run. */
  readonly record: RunRecord;
  /** Tests that a model writes where the query has none. */
  readonly modelTests: ModelTests;
  /** The round at work, from 1; 0 outside of any. */
  readonly round: number;
  /** When the run must have ended, in milliseconds since 1970. */
  readonly deadlineAt: number;
  /** Aborts with a FlowError when the run is cancelled, stopped or past its deadline. */
  readonly signal: AbortSignal;
  /** Aborts when the run is cancelled or stopped, and not at its deadline. */
  readonly cancelSignal: AbortSignal;
  /** Adds a fact to the run's journal. */
  emit(round: number, fact: RunFact): void;
  /** Streams a fact to watchers only. */
  pass(round: number, fact: RunFact): void;
  /** Told of an error that is a fault of ours. */
  onFault(error: unknown): void;
  /** Waits while the journal is far behind. */
  room(): Promise<void>;
  /**
   * Resolves when all that was emitted by now is in the journal.
   *
   * @throws what the journal threw; the run is somebody else's then, or can't go on
   */
  committed(): Promise<void>;
}

/** Milliseconds until the run's deadline; never negative. */
export function timeLeft(context: Pick<SolveContext, 'deadlineAt' | 'ports'>): number {
  return Math.max(0, context.deadlineAt - context.ports.clock.now());
}
