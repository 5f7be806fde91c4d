import type { Task } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import type { Journal, RunClaim } from '../ports.js';
import type { CompleteOptions } from '../solve/context.js';
import { completeOptions, type RunDefaults } from './complete-options.js';
import { emptyFold, foldEvent, foldEvents, type RunFold } from './run-fold.js';
import { RunRecord } from './run-record.js';

/** What a run's journal tells whoever works on it. */
export interface LoadedRun {
  readonly task: Task;
  readonly options: CompleteOptions;
  /** The state after the last event. */
  readonly fold: RunFold;
  /** What earlier owners have done. */
  readonly record: RunRecord;
}

const eventPage = 500;

/**
 * Reads a run's journal up to the claim, which has brought its first event along.
 *
 * @throws FlowError DATA_LOSS RUN_UNREADABLE when it has no task
 */
export async function loadRun(journal: Journal, claim: RunClaim, defaults: RunDefaults): Promise<LoadedRun> {
  const record = new RunRecord();
  record.add(claim.first);
  let fold = foldEvent(emptyFold, claim.first);
  while (fold.run.lastSequence < claim.lastSequence) {
    const events = await journal.readEvents(claim.runId, fold.run.lastSequence, eventPage);
    if (events.length === 0) break;
    fold = foldEvents(events, fold);
    for (const event of events) record.add(event);
  }
  const { task, options } = fold.run;
  if (task === undefined) {
    throw new FlowError('DATA_LOSS', 'RUN_UNREADABLE', `The journal of run ${claim.runId} has no task.`);
  }
  return { task, options: completeOptions(options, defaults), fold, record };
}
