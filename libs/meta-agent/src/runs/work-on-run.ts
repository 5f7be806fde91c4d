import { FeedbackSource, type RunResult } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import type { Logger } from '@flowreasoner/telemetry';
import { createPolicy } from '../policies/create-policy.js';
import type { Clock, RunClaim } from '../ports.js';
import type { SolveContext, SolvePorts } from '../solve/context.js';
import { Ledger } from '../solve/ledger.js';
import { ModelTests } from '../solve/model-tests.js';
import { prepareTask } from '../solve/prepare-task.js';
import { solveRun } from '../solve/solve-run.js';
import { runDeadlineError, stopOfError } from '../solve/stop.js';
import type { LoadedRun } from './load-run.js';
import { usedByRound } from './run-fold.js';
import type { RunWriter } from './run-writer.js';

const ownerLost = 'The process that worked on the run went away before the request ended.';

/** A claimed run and everything to work on it with. */
export interface RunWork extends LoadedRun {
  readonly id: string;
  readonly tenant: string;
  readonly ports: SolvePorts;
  readonly writer: RunWriter;
  readonly claim: RunClaim;
  /** Called before each request that costs; at the first one the run has begun. */
  readonly onBegun: () => void;
  /** Aborts with a FlowError when the run is cancelled or stopped. */
  readonly cancel: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Works on a run from its start, or from where an earlier owner came to, to its
 * end, which is in the journal when this resolves.
 *
 * @throws what the journal threw
 */
export async function workOnRun(work: RunWork): Promise<void> {
  const { writer, claim, clock, options } = work;
  const startedAt = writer.fold.run.createTime?.getTime() ?? clock.now();
  const deadlineAt = startedAt + options.deadlineMs;
  const deadline = new AbortController();
  const stopTimer = clock.after(deadlineAt - clock.now(), () => deadline.abort(runDeadlineError(options)));
  try {
    writer.emit(0, { $case: 'runStarted', value: { epoch: claim.epoch } });
    breakOffRequests(work);
    const result = await solve(work, { deadlineAt, startedAt, deadline: deadline.signal });
    writer.emit(0, { $case: 'runFinished', value: { result } });
    await writer.flush();
  } finally {
    stopTimer();
  }
}

/** Adds the end of what was in flight when an earlier owner was lost: it counts with the most it can have used. */
function breakOffRequests({ record, writer }: RunWork): void {
  const open = record.open;
  if (open === undefined) return;
  for (const usage of open.metaInFlight) {
    const ended = { usage, error: ownerLost, fromMemo: false, memo: undefined };
    writer.emit(open.round, { $case: 'metaRequestFinished', value: ended });
  }
  for (const wallMs of open.evaluationsInFlight) {
    const ended = { wallMs, fromMemo: false, memo: undefined };
    writer.emit(open.round, { $case: 'evaluationRequestFinished', value: ended });
  }
  for (const fact of open.attempt.breakOff(ownerLost)) {
    open.attempt.add(fact);
    writer.emit(open.round, { $case: 'workflowEvent', value: { atMs: 0, event: fact } });
  }
}

interface RunTimes {
  readonly startedAt: number;
  readonly deadlineAt: number;
  readonly deadline: AbortSignal;
}

async function solve(work: RunWork, times: RunTimes): Promise<RunResult> {
  const { writer, ports, options, tenant, id, clock, logger, onBegun } = work;
  const context: SolveContext = {
    ports,
    runId: id,
    tenant,
    task: prepareTask(work.task),
    options,
    ledger: new Ledger(options.budget, { before: writer.fold.settled, round: usedByRound(writer.fold) }),
    record: work.record,
    modelTests: new ModelTests(work.record.modelTests),
    round: 0,
    deadlineAt: times.deadlineAt,
    signal: AbortSignal.any([work.cancel, times.deadline]),
    cancelSignal: work.cancel,
    emit: (round, fact) => writer.emit(round, fact),
    pass: (round, fact) => writer.pass(round, fact),
    onFault: (error) => logger.error({ err: error, run: id }, 'a run failed'),
    room: () => writer.room(),
    async committed() {
      await writer.flush();
      onBegun();
    },
  };
  try {
    const makePolicy = async () => createPolicy(context, await ports.catalogue.load(context));
    return await solveRun(context, makePolicy, times.startedAt);
  } catch (error) {
    if (!(error instanceof FlowError)) context.onFault(error);
    const stop = stopOfError(context, error);
    return {
      status: stop.status,
      answer: '',
      workflow: '',
      bestRound: 0,
      visible: undefined,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED,
      stopReason: stop.reason,
      message: stop.message,
      reason: stop.errorReason,
      hint: stop.hint,
      hidden: undefined,
      durationMs: Math.max(0, clock.now() - times.startedAt),
      usage: context.ledger.total,
      rounds: writer.fold.run.rounds,
    };
  }
}
