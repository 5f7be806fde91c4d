import { RunState, type Run, type RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Usage } from '@flowreasoner/contracts/workflow';
import { addUsage, noUsage } from '../solve/usage.js';

/** A run's state, and what the fold must remember to go on. */
export interface RunFold {
  readonly run: Run;
  /** Used by rounds that are finished. */
  readonly settled: Usage;
  /** Used by the round that is going on, its current try of a workflow left out. */
  readonly open: Usage;
  /** Used by the current try of a workflow, as single requests report it. */
  readonly attempt: Usage;
}

/** The state before the first event. */
export const emptyFold: RunFold = {
  run: {
    name: '',
    task: undefined,
    options: undefined,
    state: RunState.RUN_STATE_UNSPECIFIED,
    result: undefined,
    usage: undefined,
    rounds: 0,
    createTime: undefined,
    endTime: undefined,
    lastSequence: 0n,
  },
  settled: noUsage,
  open: noUsage,
  attempt: noUsage,
};

/** The state after one more event. A run's state is this folded over its journal. */
export function foldEvent(fold: RunFold, event: RunEvent): RunFold {
  const next = apply(fold, event);
  return { ...next, run: { ...next.run, lastSequence: event.sequence } };
}

/** The state after all of these events. */
export function foldEvents(events: Iterable<RunEvent>, start: RunFold = emptyFold): RunFold {
  let fold = start;
  for (const event of events) fold = foldEvent(fold, event);
  return fold;
}

/** Used by the round that is going on. */
export function usedByRound({ open, attempt }: RunFold): Usage {
  return addUsage(open, attempt);
}

function apply(fold: RunFold, event: RunEvent): RunFold {
  const fact = event.event;
  switch (fact?.$case) {
    case 'runCreated':
      return withRun(fold, {
        name: event.run,
        task: fact.value.task,
        options: fact.value.options,
        state: RunState.RUN_STATE_QUEUED,
        usage: noUsage,
        createTime: event.time,
      });
    case 'runStarted':
      return withRun(fold, { state: RunState.RUN_STATE_RUNNING });
    case 'metaRequestFinished':
      return withUsage({ ...fold, open: addUsage(fold.open, fact.value.usage) });
    case 'evaluationRequestFinished':
      return withUsage({
        ...fold,
        open: addUsage(fold.open, sandboxUsage(fact.value.wallMs, fact.value.fromMemo)),
      });
    case 'workflowEvent':
      return foldWorkflowEvent(fold, fact.value.event);
    case 'roundEvaluated': {
      const settled = addUsage(fold.settled, fact.value.usage);
      const run = { ...fold.run, rounds: fold.run.rounds + 1, usage: settled };
      return { run, settled, open: noUsage, attempt: noUsage };
    }
    case 'runFinished':
      return withRun(fold, {
        state: RunState.RUN_STATE_FINISHED,
        result: fact.value.result,
        usage: fact.value.result?.usage ?? fold.run.usage,
        endTime: event.time,
      });
    // Nothing of these shows in a run's state, nor does what later versions may add.
    case 'roundStarted':
    case 'reasoning':
    case 'metaRequestStarted':
    case 'metaTokenDelta':
    case 'evaluationRequestStarted':
    case 'modelTestsSought':
    case 'workflowProposed':
    case undefined:
      return fold;
  }
}

function withRun(fold: RunFold, change: Partial<Run>): RunFold {
  return { ...fold, run: { ...fold.run, ...change } };
}

function withUsage(fold: RunFold): RunFold {
  return withRun(fold, { usage: addUsage(fold.settled, usedByRound(fold)) });
}

type WorkflowFact = Extract<RunEvent['event'], { $case: 'workflowEvent' }>['value']['event'];

/** Requests count as they end; the end of a try puts its own total in their place. */
function foldWorkflowEvent(fold: RunFold, event: WorkflowFact): RunFold {
  if (event?.$case === 'finished') {
    const total = event.value.usage ?? fold.attempt;
    return withUsage({ ...fold, open: addUsage(fold.open, total), attempt: noUsage });
  }
  const usage = usageOfWorkflowEvent(event);
  return usage === undefined ? fold : withUsage({ ...fold, attempt: addUsage(fold.attempt, usage) });
}

/** What one request of a workflow is said to have used; its total is told by its end. */
export function usageOfWorkflowEvent(event: WorkflowFact): Usage | undefined {
  if (event?.$case === 'modelRequestFinished') return event.value.fromMemo ? undefined : event.value.usage;
  if (event?.$case === 'sandboxRequestFinished')
    return sandboxUsage(event.value.wallMs, event.value.fromMemo);
  return undefined;
}

function sandboxUsage(wallMs: number, fromMemo: boolean): Usage | undefined {
  return fromMemo ? undefined : { ...noUsage, sandboxMs: wallMs };
}
