import type { RunJournaledWorkflowRequest, WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { FlowError, type ParentCall } from '@flowreasoner/rpc';
import type { RunnerPorts } from '../ports.js';
import { RequestStarts } from '../run/request-starts.js';
import { runWorkflow } from '../run/run-workflow.js';

/**
 * Runs a workflow for a caller that says which starts of requests it has kept.
 *
 * @throws FlowError INVALID_ARGUMENT when the messages are not in order or the
 *   request is beyond a limit
 */
export async function* runJournaledWorkflow(
  ports: RunnerPorts,
  requests: AsyncIterable<RunJournaledWorkflowRequest>,
  call: ParentCall,
): AsyncGenerator<WorkflowEvent> {
  const reader = requests[Symbol.asyncIterator]();
  const first = await reader.next();
  const start = first.done === true ? undefined : first.value.request;
  if (start?.$case !== 'start') throw outOfOrder('the first message must be start');
  const starts = new RequestStarts(true);
  const broken = new AbortController();
  const breakOff = (error: unknown): void => broken.abort(error);
  listen(reader, starts)
    .then(() => starts.end(() => breakOff(outOfOrder('the requests ended before all starts were kept'))))
    .catch(breakOff);
  const signal = AbortSignal.any([call.signal, broken.signal]);
  for await (const event of runWorkflow(ports, start.value, { ...call, signal }, starts)) {
    broken.signal.throwIfAborted();
    yield event;
  }
}

/** Takes note of what is kept, until the requests end. */
async function listen(
  reader: AsyncIterator<RunJournaledWorkflowRequest>,
  starts: RequestStarts,
): Promise<void> {
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
    const said = next.value.request;
    if (said?.$case !== 'keptStarts') throw outOfOrder('messages after the first must be kept_starts');
    starts.keep(said.value);
  }
}

function outOfOrder(message: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'REQUESTS_OUT_OF_ORDER', `RunJournaledWorkflow: ${message}.`);
}
