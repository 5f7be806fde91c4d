import { RunState, type Run, type RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Usage } from '@flowreasoner/contracts/workflow';
import { addUsage, noUsage } from '../solve/usage.js';

/** A run's state, and what the fold must remember to go on. */
export interface RunFold {
  readonly run: Run;
  /** Used by rounds that are finished. */
  readonly settled: Usage;
  /** Used so far by the round that is going on, as single requests report it. */
  readonly open: Usage;
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
      return spend(fold, fact.value.usage);
    case 'workflowEvent':
      return spend(fold, usageOfWorkflowEvent(fact.value.event));
    case 'roundEvaluated': {
      const settled = addUsage(fold.settled, fact.value.usage);
      const run = { ...fold.run, rounds: fold.run.rounds + 1, usage: settled };
      return { run, settled, open: noUsage };
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
    case 'workflowProposed':
    case undefined:
      return fold;
  }
}

function withRun(fold: RunFold, change: Partial<Run>): RunFold {
  return { ...fold, run: { ...fold.run, ...change } };
}

function spend(fold: RunFold, usage: Usage | undefined): RunFold {
  if (usage === undefined) return fold;
  const open = addUsage(fold.open, usage);
  return { ...fold, open, run: { ...fold.run, usage: addUsage(fold.settled, open) } };
}

type WorkflowFact = Extract<RunEvent['event'], { $case: 'workflowEvent' }>['value']['event'];

/** What one event of a workflow says was used; totals are told by the round's end. */
export function usageOfWorkflowEvent(event: WorkflowFact): Usage | undefined {
  if (event?.$case === 'modelRequestFinished') return event.value.fromMemo ? undefined : event.value.usage;
  if (event?.$case === 'sandboxRequestFinished') {
    return event.value.fromMemo ? undefined : { ...noUsage, sandboxMs: event.value.wallMs };
  }
  return undefined;
}
