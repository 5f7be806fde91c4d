import type { RunCreated, RunEvent } from '@flowreasoner/contracts/metaagent';
import { runName } from './run-name.js';

/** The event that every run's journal begins with. */
export function firstEvent(runId: string, created: RunCreated, time: Date): RunEvent {
  return {
    run: runName(runId),
    sequence: 1n,
    time,
    round: 0,
    event: { $case: 'runCreated', value: created },
  };
}
