import type {
  RunEvent,
  SolveRequest,
  SolveResponse,
  WatchRunRequest,
  WatchRunResponse,
} from '@flowreasoner/contracts/metaagent';
import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { FlowError, type CallContext } from '@flowreasoner/rpc';
import type { EventHub } from '../runs/event-hub.js';
import { runIdOf } from '../runs/run-name.js';
import type { RunTails } from '../runs/run-tails.js';
import { watchEvents } from '../runs/watch-events.js';
import { runNotFound, startRun, type RunHandlerOptions } from './run-handlers.js';

/** What the handlers of streams need. */
export interface WatchHandlerOptions extends RunHandlerOptions {
  readonly hub: EventHub;
  readonly tails: RunTails;
}

/** Handles WatchRun. */
export async function* watchRun(
  options: WatchHandlerOptions,
  request: WatchRunRequest,
  call: CallContext,
): AsyncGenerator<WatchRunResponse> {
  const runId = runIdOf(request.name);
  const { afterSequence } = request;
  if (afterSequence < 0n) {
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_REQUEST', 'after_sequence must not be negative.', {
      fieldViolations: [{ field: 'after_sequence', description: 'must not be negative' }],
    });
  }
  const [tail] = await options.journal.tails([runId]);
  if (tail?.tenant !== call.tenant) throw runNotFound(runId);
  const signal = AbortSignal.any([call.signal, call.draining]);
  try {
    yield* follow(options, { runId, afterSequence, streamTokens: request.streamTokens }, signal);
  } catch (error) {
    if (call.signal.aborted || !call.draining.aborted) throw error;
    throw new FlowError('UNAVAILABLE', 'SERVICE_STOPPING', 'The service is about to stop.', {
      hint: 'Watch again, after the last sequence number that was seen.',
    });
  }
}

/** Handles Solve: the run is cancelled when the call ends before it. */
export async function* solve(
  options: WatchHandlerOptions,
  request: SolveRequest,
  call: CallContext,
): AsyncGenerator<SolveResponse> {
  const { id: runId } = await startRun(options, request, call.tenant);
  let finished = false;
  try {
    for await (const response of follow(
      options,
      { runId, afterSequence: 0n, streamTokens: request.streamTokens },
      call.signal,
    )) {
      if (response.event?.event?.$case === 'runFinished') finished = true;
      yield response;
    }
  } finally {
    if (!finished) await options.supervisor.cancel(call.tenant, runId);
  }
}

interface Followed {
  readonly runId: string;
  readonly afterSequence: bigint;
  readonly streamTokens: boolean;
}

async function* follow(
  { journal, hub, tails }: WatchHandlerOptions,
  { runId, afterSequence, streamTokens }: Followed,
  signal: AbortSignal,
): AsyncGenerator<{ event: RunEvent }> {
  const passing = streamTokens;
  const watched = watchEvents({ journal, hub, tails, runId, afterSequence, passing, signal });
  for await (const event of watched) yield { event: withoutMemo(event) };
}

/** The event without what only a run that goes on elsewhere needs. */
function withoutMemo(event: RunEvent): RunEvent {
  const fact = event.event;
  switch (fact?.$case) {
    case 'metaRequestFinished':
      return { ...event, event: { $case: fact.$case, value: { ...fact.value, memo: undefined } } };
    case 'evaluationRequestFinished':
      return { ...event, event: { $case: fact.$case, value: { ...fact.value, memo: undefined } } };
    case 'workflowEvent':
      return { ...event, event: { $case: fact.$case, value: withoutWorkflowMemo(fact.value) } };
    default:
      return event;
  }
}

function withoutWorkflowMemo(event: WorkflowEvent): WorkflowEvent {
  const fact = event.event;
  switch (fact?.$case) {
    case 'modelRequestFinished':
      return { ...event, event: { $case: fact.$case, value: { ...fact.value, memo: undefined } } };
    case 'sandboxRequestFinished':
      return { ...event, event: { $case: fact.$case, value: { ...fact.value, memo: undefined } } };
    default:
      return event;
  }
}
