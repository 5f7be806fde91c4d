import { RunState } from '@flowreasoner/contracts/metaagent';
import { FlowError, unary } from '@flowreasoner/rpc';
import { ExitCode } from '../exit-codes.js';
import { stateFilter, withServices, type RunsOptions } from './runs.js';

/** What `flow runs prune` deletes. */
export interface PruneOptions extends RunsOptions {
  /** Milliseconds since the run ended. */
  readonly olderThan: number;
  /** Only runs that ended like this, as `state` of `--json` says it. */
  readonly state?: string;
  readonly dryRun?: boolean;
}

// Deleting many runs takes as long as it takes.
const deadlineMs = 600_000;

/** `flow runs prune`. */
export async function pruneRuns(options: PruneOptions): Promise<ExitCode> {
  const { state, status } = stateFilter(options.state);
  if (state === RunState.RUN_STATE_QUEUED || state === RunState.RUN_STATE_RUNNING) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'RUN_NOT_FINISHED',
      `a run that is ${options.state} is never deleted`,
      {
        hint: 'cancel it first: flow runs cancel',
      },
    );
  }
  const dryRun = options.dryRun === true;
  return await withServices(options, async ({ metaAgent }, signal) => {
    const endedBefore = new Date(Date.now() - options.olderThan);
    const pruned = await unary(
      metaAgent,
      'pruneRuns',
      { endedBefore, status, dryRun },
      { signal, deadlineMs },
    );
    const { runs, blobs } = pruned;
    const events = Number(pruned.events);
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ runs, events, blobs, dry_run: dryRun })}\n`);
    } else {
      const done = dryRun ? 'would be deleted' : 'deleted';
      process.stdout.write(`${count(runs, 'run')} with ${count(events, 'event')} ${done}\n`);
    }
    return ExitCode.solved;
  });
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
