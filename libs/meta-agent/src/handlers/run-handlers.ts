import { createHash } from 'node:crypto';
import {
  CreateRunRequest,
  Run,
  RunState,
  type CancelRunRequest,
  type CancelRunResponse,
  type CreateRunResponse,
  type GetRunRequest,
  type GetRunResponse,
  type ListRunsRequest,
  type ListRunsResponse,
  type RunOptions,
  type SolveRequest,
} from '@flowreasoner/contracts/metaagent';
import { FlowError, type CallContext } from '@flowreasoner/rpc';
import { completeOptions, type RunDefaults } from '../runs/complete-options.js';
import { runIdOf } from '../runs/run-name.js';
import type { Supervisor } from '../runs/supervisor.js';
import type { Journal } from '../ports.js';
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
  const id = await startRun(options, request, call.tenant);
  return { run: await findRun(options.journal, call.tenant, id) };
}

/**
 * Creates the run that a request asks for.
 *
 * @returns its identifier; an earlier run's when the request id was used before
 */
export async function startRun(
  options: RunHandlerOptions,
  request: Pick<SolveRequest, 'requestId' | 'task' | 'options'>,
  tenant: string,
): Promise<string> {
  const { task, requestId } = request;
  const violations = new Violations();
  violations.text(requestId, 'request_id', requestLimits.requestId);
  checkTask(task, violations, options.graders);
  checkOptions(request.options, violations, options.policyProblem);
  violations.throwIfAny();
  if (task === undefined) throw new Error('a task that was not checked');
  return options.supervisor.create({
    tenant,
    requestId,
    requestHash: hashOf(task, request.options),
    task,
    options: completeOptions(request.options, options.defaults),
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
  const before = request.pageToken === '' ? undefined : decodePageToken(request.pageToken);
  violations.check(before !== null, 'page_token', 'must be a token of an earlier response');
  violations.throwIfAny();
  const limit = request.pageSize || defaultPage;
  const runs = await journal.listRuns({
    tenant: call.tenant,
    limit: limit + 1,
    ...(before ? { before } : {}),
    ...(request.state === RunState.RUN_STATE_UNSPECIFIED ? {} : { state: request.state }),
  });
  const page = fittingPage(runs.slice(0, limit));
  const last = page.at(-1);
  const more = runs.length > page.length && last !== undefined;
  return { runs: page, nextPageToken: more ? encodePageToken(runIdOf(last.name)) : '' };
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

function runNotFound(id: string): FlowError {
  return new FlowError('NOT_FOUND', 'RUN_NOT_FOUND', `There is no run runs/${id}.`, {
    hint: 'List the runs to see which there are.',
  });
}

function encodePageToken(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** The identifier in a token; null when it is no token. */
function decodePageToken(token: string): string | null {
  const id = Buffer.from(token, 'base64url').toString();
  return /^[0-9a-z-]{1,64}$/.test(id) && encodePageToken(id) === token ? id : null;
}
