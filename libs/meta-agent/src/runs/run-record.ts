import type { RoundEvaluated, RunEvent, WorkflowProposed } from '@flowreasoner/contracts/metaagent';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowStatus,
  type MemoEntry,
  type Usage,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { noUsage } from '../solve/usage.js';
import { WorkflowAttempt } from '../solve/workflow-attempt.js';

/** What a run's journal tells of one round. */
export interface RecordedRound {
  readonly round: number;
  /** Round whose workflow is being improved; 0 means none. */
  readonly parentRound: number;
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Its tries, in order. */
  readonly proposals: readonly WorkflowProposed[];
  /** Ends of its workflow's runs that count, one a validation run. */
  readonly results: readonly WorkflowResult[];
  /** The run of a workflow that has not come to an end that counts. */
  readonly attempt: WorkflowAttempt;
  /** Finished requests of the loop itself, by key: the meta model's and those that evaluate answers. */
  readonly requests: ReadonlyMap<string, MemoEntry>;
  /** The most that requests may have used that were sent to the meta model and never ended. */
  readonly metaInFlight: readonly Usage[];
  /** The most that sandbox requests may have taken that evaluate answers and never ended, in milliseconds. */
  readonly evaluationsInFlight: readonly number[];
  /** How it ended; absent while it is going on. */
  readonly evaluated: RoundEvaluated | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface RoundAtWork extends Mutable<
  Omit<RecordedRound, 'proposals' | 'results' | 'requests' | 'metaInFlight' | 'evaluationsInFlight'>
> {
  proposals: WorkflowProposed[];
  results: WorkflowResult[];
  metaInFlight: Usage[];
  evaluationsInFlight: number[];
  requests: Map<string, MemoEntry>;
}

// Ends through no fault of the workflow: it is run again.
const broken: ReadonlySet<WorkflowStatus> = new Set([
  WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE,
  WorkflowStatus.WORKFLOW_STATUS_CANCELLED,
]);

/** Whether a workflow came to an end that says something about it. */
export function isOwnEnd(result: WorkflowResult): boolean {
  return !broken.has(result.status);
}

/**
 * What a run's journal tells whoever goes on with it: its finished rounds, and
 * how far the round at work has come. Folded event by event.
 */
export class RunRecord {
  readonly #rounds: RoundAtWork[] = [];
  #modelTests: { readonly suite: Suite | undefined } | undefined;

  /** The tests that a model wrote; undefined when none were sought. */
  get modelTests(): { readonly suite: Suite | undefined } | undefined {
    return this.#modelTests;
  }

  /** What the journal tells of a round; undefined when it has not begun. */
  round(round: number): RecordedRound | undefined {
    return this.#rounds[round - 1];
  }

  /** The round that has begun last, unless it is finished. */
  get open(): RecordedRound | undefined {
    const last = this.#rounds.at(-1);
    return last?.evaluated === undefined ? last : undefined;
  }

  /** Takes the next event of the journal. */
  add({ event, round, time }: RunEvent): void {
    if (event?.$case === 'roundStarted') {
      this.#rounds[round - 1] = newRound(round, event.value.parentRound, time?.getTime() ?? 0);
      return;
    }
    const at = this.#rounds[round - 1];
    if (at === undefined) return;
    switch (event?.$case) {
      case 'modelTestsSought':
        this.#modelTests = { suite: event.value.tests };
        return;
      case 'workflowProposed':
        at.proposals.push(event.value);
        return;
      case 'metaRequestStarted':
        at.metaInFlight.push(event.value.reserved ?? { ...noUsage, modelCalls: 1 });
        return;
      case 'metaRequestFinished':
        if (!event.value.fromMemo) at.metaInFlight.shift();
        keep(at.requests, event.value.memo);
        return;
      case 'evaluationRequestStarted':
        at.evaluationsInFlight.push(event.value.reservedMs);
        return;
      case 'evaluationRequestFinished':
        if (!event.value.fromMemo) at.evaluationsInFlight.shift();
        keep(at.requests, event.value.memo);
        return;
      case 'workflowEvent': {
        at.attempt.add(event.value.event);
        const fact = event.value.event;
        if (fact?.$case !== 'finished' || !isOwnEnd(fact.value)) return;
        at.results.push(fact.value);
        at.attempt = new WorkflowAttempt();
        return;
      }
      case 'roundEvaluated':
        at.evaluated = event.value;
        // Nobody asks for them again.
        at.requests = new Map();
        at.attempt = new WorkflowAttempt();
        return;
      // Nothing to go on from, nor is what later versions may add.
      case 'runCreated':
      case 'runStarted':
      case 'reasoning':
      case 'metaTokenDelta':
      case 'runFinished':
      case undefined:
        return;
    }
  }
}

function newRound(round: number, parentRound: number, startedAt: number): RoundAtWork {
  return {
    round,
    parentRound,
    startedAt,
    proposals: [],
    results: [],
    attempt: new WorkflowAttempt(),
    requests: new Map(),
    metaInFlight: [],
    evaluationsInFlight: [],
    evaluated: undefined,
  };
}

function keep(requests: Map<string, MemoEntry>, memo: MemoEntry | undefined): void {
  if (memo !== undefined) requests.set(memo.key, memo);
}
