import type { Budget } from '@flowreasoner/contracts/workflow';
import type { MetaAsk } from '../solve/ask-meta.js';
import type { PreparedTask } from '../solve/context.js';
import type { MetaAnswer } from './meta-model.js';

/** A finished round whose workflow was run, as a policy sees it. */
export interface PastRound {
  readonly round: number;
  /** Its workflow. */
  readonly source: string;
  /** The workflow in its normal form: equal for equal structures. */
  readonly normalForm: string;
  readonly temperature: number | undefined;
  /** What the workflow was said to change. */
  readonly modification: string;
  /** In [0, 1]. */
  readonly score: number;
  readonly feedback: string;
  /** Score of the round it was made from; undefined for a first workflow. */
  readonly parentScore: number | undefined;
  /** Whether a request of the workflow did not fit into what was left of the budget. */
  readonly isCutByBudget?: boolean;
}

/** What a policy knows when it plans a round. */
export interface PolicyContext {
  readonly task: PreparedTask;
  readonly round: number;
  /** Rounds whose workflow was run, oldest first. */
  readonly history: readonly PastRound[];
  /** The round to improve, by the parent rule; undefined in the first round. */
  readonly parent: PastRound | undefined;
  /** Left of the run's budget. */
  readonly remaining: Budget;
  /** Rounds that can still be made, with this one. */
  readonly roundsLeft: number;
  readonly seed: number;
}

/** A workflow that a policy proposes. */
export interface Proposal {
  readonly source: string;
  /** What it changes, in one line. */
  readonly modification: string;
  /** Sampling temperature for workers; undefined means each operator's own. */
  readonly temperature?: number | undefined;
  /** Whether the model that wrote it was cut at its greatest number of tokens. */
  readonly isCut?: boolean;
}

/** A proposal that can't be run, and why. */
export interface RejectedProposal {
  readonly proposal: Proposal;
  /** Empty when the proposal is not valid. */
  readonly normalForm: string;
  /** Findings of the checker, or why a valid workflow is not run. */
  readonly problems: readonly string[];
}

/** What a proposal may do besides proposing. */
export interface ProposeHooks {
  readonly signal: AbortSignal;
  /**
   * Asks the meta model within what is left of the budget. Reasoning, use and
   * answer go into the journal; a run that goes on elsewhere is spared the request.
   */
  ask(request: MetaAsk): Promise<MetaAnswer>;
  /** Whether the meta model can be held to a grammar. */
  takesGrammar(): Promise<boolean>;
}

/** How one round is going to be made. */
export interface RoundPlan {
  /** What is about to be done, in one line. */
  readonly summary: string;
  /** Round whose workflow is being improved; 0 means none. */
  readonly parentRound: number;
  /**
   * Proposes a workflow; `rejected` are this round's earlier proposals.
   *
   * @returns undefined when the policy gives the round up
   */
  propose(rejected: readonly RejectedProposal[], hooks: ProposeHooks): Promise<Proposal | undefined>;
}

/** How the next workflow is found. */
export interface Policy {
  /** Plans a round; undefined when there is nothing new to propose. */
  plan(context: PolicyContext): RoundPlan | undefined;
}
