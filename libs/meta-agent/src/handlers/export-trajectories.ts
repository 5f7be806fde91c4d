import {
  RunState,
  RunStatus,
  type ExportTrajectoriesRequest,
  type ExportTrajectoriesResponse,
  type Run,
} from '@flowreasoner/contracts/metaagent';
import type { CallContext } from '@flowreasoner/rpc';
import type { Journal } from '../ports.js';
import { runIdOf } from '../runs/run-name.js';
import { Trajectory } from '../runs/trajectory.js';
import type { SolvePorts } from '../solve/context.js';
import type { RunHandlerOptions } from './run-handlers.js';
import { Violations } from './validate-request.js';

/** What the handler needs. */
export interface ExportHandlerOptions extends Pick<RunHandlerOptions, 'journal' | 'defaults'> {
  readonly solve: SolvePorts;
}

const runPage = 50;
const eventPage = 500;

/** Handles ExportTrajectories: a row for each finished run of the tenant that has an answer, newest first. */
export async function* exportTrajectories(
  { journal, defaults, solve }: ExportHandlerOptions,
  request: ExportTrajectoriesRequest,
  call: CallContext,
): AsyncGenerator<ExportTrajectoriesResponse> {
  const violations = new Violations();
  violations.check(RunStatus[request.status] !== undefined, 'status', 'must be a known status');
  violations.throwIfAny();
  const { signal, tenant } = call;
  const { operators } = await solve.catalogue.load({ ports: solve, signal, tenant });
  const options = { operators, defaults, promptBytes: solve.metaLimits.promptBytes };
  for await (const run of finishedRuns(journal, request, call)) {
    const trajectory = await readTrajectory(journal, runIdOf(run.name), call.signal);
    const row = trajectory.row(options);
    if (row !== undefined) yield { rowJson: JSON.stringify(row) };
  }
}

async function* finishedRuns(
  journal: Journal,
  { after, before, status }: ExportTrajectoriesRequest,
  { tenant, signal }: CallContext,
): AsyncGenerator<Run> {
  let last: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const runs = await journal.listRuns({
      tenant,
      limit: runPage,
      state: RunState.RUN_STATE_FINISHED,
      ...(status === RunStatus.RUN_STATUS_UNSPECIFIED ? {} : { status }),
      ...(after === undefined ? {} : { createdAfter: after }),
      ...(before === undefined ? {} : { createdBefore: before }),
      ...(last === undefined ? {} : { before: last }),
    });
    yield* runs;
    const oldest = runs.at(-1);
    if (oldest === undefined || runs.length < runPage) return;
    last = runIdOf(oldest.name);
  }
}

async function readTrajectory(journal: Journal, runId: string, signal: AbortSignal): Promise<Trajectory> {
  const trajectory = new Trajectory();
  let sequence = 0n;
  for (;;) {
    signal.throwIfAborted();
    const events = await journal.readEvents(runId, sequence, eventPage);
    for (const event of events) trajectory.add(event);
    sequence = events.at(-1)?.sequence ?? sequence;
    if (events.length < eventPage) return trajectory;
  }
}
