import { createHash } from 'node:crypto';
import {
  CreateRunRequest,
  Run,
  RunState,
  RunStatus,
  type CancelRunRequest,
  type CancelRunResponse,
  type CreateRunResponse,
  type GetRunRequest,
  type GetRunResponse,
  type ListRunsRequest,
  type ListRunsResponse,
  type PruneRunsRequest,
  type PruneRunsResponse,
  type RunOptions,
  type SolveRequest,
} from '@flowreasoner/contracts/metaagent';
import { encodePageToken, FlowError, readPage, type CallContext } from '@flowreasoner/rpc';
import { policyMisfit } from '../policies/create-policy.js';
import { completeOptions, type RunDefaults } from '../runs/complete-options.js';
import { runIdOf } from '../runs/run-name.js';
import type { CreatedRun, Supervisor } from '../runs/supervisor.js';
import type { Journal, RunListQuery } from '../ports.js';
import { prepareTask } from '../solve/prepare-task.js';
import { checkOptions, checkTask, requestLimits, Violations } from './validate-request.js';

/** What the handlers of runs need. */
export interface RunHandlerOptions {
  readonly journal: Journal;
  readonly supervisor: Supervisor;
  readonly defaults: RunDefaults;
  /** Says what is wrong with a policy's name, if anything is. */
  readonly policyProblem: (policy: string) => string | undefined;
  /** Names of the graders that tasks may name. */
  readonly graders: ReadonlySet<string>;
}

const defaultPage = 50;
const maxPage = 200;
// Well below the smallest message size that clients are usually given.
const maxPageBytes = 2 * 1024 * 1024;

/** Handles CreateRun. */
export async function createRun(
  options: RunHandlerOptions,
  request: CreateRunRequest,
  call: CallContext,
): Promise<CreateRunResponse> {
  const { id, run } = await startRun(options, request, call.tenant);
  return { run: run ?? (await findRun(options.journal, call.tenant, id)) };
}

/**
 * Creates the run that a request asks for, or finds the one that an earlier
 * request with the same id has created.
 */
export async function startRun(
  options: RunHandlerOptions,
  request: Pick<SolveRequest, 'requestId' | 'task' | 'options'>,
  tenant: string,
): Promise<CreatedRun> {
  const { task, requestId } = request;
  const violations = new Violations();
  violations.key(requestId, 'request_id', requestLimits.requestId);
  checkTask(task, violations, options.graders);
  checkOptions(request.options, violations, options.policyProblem);
  violations.throwIfAny();
  if (task === undefined) throw new Error('a task that was not checked');
  const complete = completeOptions(request.options, options.defaults);
  const misfit = policyMisfit(prepareTask(task), complete);
  violations.check(misfit === undefined, misfit?.field ?? '', misfit?.description ?? '');
  violations.throwIfAny();
  return options.supervisor.create({
    tenant,
    requestId,
    requestHash: hashOf(task, request.options),
    task,
    options: complete,
  });
}

function hashOf(task: CreateRunRequest['task'], options: RunOptions | undefined): Uint8Array {
  const bytes = CreateRunRequest.encode({ requestId: '', task, options }).finish();
  return createHash('sha256').update(bytes).digest();
}

/** Handles GetRun. */
export async function getRun(
  { journal }: RunHandlerOptions,
  request: GetRunRequest,
  call: CallContext,
): Promise<GetRunResponse> {
  return { run: await findRun(journal, call.tenant, runIdOf(request.name)) };
}

/** Handles CancelRun. */
export async function cancelRun(
  { supervisor }: RunHandlerOptions,
  request: CancelRunRequest,
  call: CallContext,
): Promise<CancelRunResponse> {
  const id = runIdOf(request.name);
  const run = await supervisor.cancel(call.tenant, id);
  if (run === undefined) throw runNotFound(id);
  return { run };
}

/** Handles ListRuns. */
export async function listRuns(
  { journal }: RunHandlerOptions,
  request: ListRunsRequest,
  call: CallContext,
): Promise<ListRunsResponse> {
  const violations = new Violations();
  violations.range(request.pageSize, 'page_size', 0, maxPage);
  violations.check(RunState[request.state] !== undefined, 'state', 'must be a known state');
  violations.check(RunStatus[request.status] !== undefined, 'status', 'must be a known status');
  violations.key(request.policy, 'policy', requestLimits.policyName);
  violations.key(request.taskId, 'task_id', requestLimits.taskId);
  violations.throwIfAny();
  const filter = filterOf(request);
  const scope = `runs ${JSON.stringify(filter)}`;
  const page = readPage(request, scope, { defaultSize: defaultPage, maxSize: maxPage });
  const runs = await journal.listRuns({
    ...filter,
    tenant: call.tenant,
    limit: page.size + 1,
    ...(page.after === undefined ? {} : { before: page.after }),
  });
  const fitting = fittingPage(runs.slice(0, page.size));
  const last = fitting.at(-1);
  const more = runs.length > fitting.length && last !== undefined;
  return { runs: fitting, nextPageToken: more ? encodePageToken(runIdOf(last.name), scope) : '' };
}

function filterOf(request: ListRunsRequest): Omit<RunListQuery, 'tenant' | 'limit' | 'before'> {
  const { state, status, policy, taskId, createdAfter, createdBefore } = request;
  return {
    ...(state === RunState.RUN_STATE_UNSPECIFIED ? {} : { state }),
    ...(status === RunStatus.RUN_STATUS_UNSPECIFIED ? {} : { status }),
    ...(policy === '' ? {} : { policy }),
    ...(taskId === '' ? {} : { taskId }),
    ...(createdAfter === undefined ? {} : { createdAfter }),
    ...(createdBefore === undefined ? {} : { createdBefore }),
  };
}

/** Handles PruneRuns. */
export async function pruneRuns(
  { journal }: RunHandlerOptions,
  request: PruneRunsRequest,
  call: CallContext,
): Promise<PruneRunsResponse> {
  const { endedBefore, status, dryRun } = request;
  const violations = new Violations();
  violations.check(endedBefore !== undefined, 'ended_before', 'must be given');
  violations.check(RunStatus[status] !== undefined, 'status', 'must be a known status');
  violations.throwIfAny();
  if (endedBefore === undefined) throw new Error('a time that was not checked');
  const pruned = await journal.prune({
    tenant: call.tenant,
    endedBefore,
    dryRun,
    ...(status === RunStatus.RUN_STATUS_UNSPECIFIED ? {} : { status }),
  });
  return { runs: pruned.runs, events: BigInt(pruned.events), blobs: pruned.blobs };
}

/** As many runs as fit into a response, at least one. */
function fittingPage(runs: readonly Run[]): Run[] {
  let bytes = 0;
  const end = runs.findIndex((run, index) => {
    bytes += Run.encode(run).finish().length;
    return bytes > maxPageBytes && index > 0;
  });
  return end < 0 ? [...runs] : runs.slice(0, end);
}

/** The tenant's run. @throws FlowError NOT_FOUND */
export async function findRun(journal: Journal, tenant: string, id: string): Promise<Run> {
  const run = await journal.getRun(tenant, id);
  if (run === undefined) throw runNotFound(id);
  return run;
}

/** The error of a run that the tenant has not. */
export function runNotFound(id: string): FlowError {
  return new FlowError('NOT_FOUND', 'RUN_NOT_FOUND', `There is no run runs/${id}.`, {
    hint: 'List the runs to see which there are.',
  });
}
