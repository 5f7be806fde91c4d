import {
  ExecutionStatus,
  type ExecuteBatchRequest,
  type ExecuteBatchResponse,
  type ExecutionResult,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, type CallContext } from '@flowreasoner/rpc';
import { notRun } from '../execute.js';
import { requireExecution, runExecution } from './execute.js';
import type { SandboxHandlerOptions } from './sandbox-service.js';

const MAX_ID_BYTES = 64;
/** Ids of one stream are remembered to keep them unique. */
const MAX_EXECUTIONS = 100_000;

/**
 * ExecuteBatch: results as programs finish. At most as many programs of one
 * stream are in hand as there are slots; further requests stay on the wire.
 */
export async function* executeBatch(
  requests: AsyncIterable<ExecuteBatchRequest>,
  context: CallContext,
  options: SandboxHandlerOptions,
): AsyncGenerator<ExecuteBatchResponse> {
  const { slots } = options.admission;
  const scope = new AbortController();
  const scoped = { ...context, signal: AbortSignal.any([context.signal, scope.signal]) };
  const seen = new Set<string>();
  const running = new Map<string, Promise<ExecuteBatchResponse>>();
  const source = requests[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<ExecuteBatchRequest>> | undefined;
  let ended = false;
  try {
    while (!ended || running.size > 0) {
      if (!ended && running.size < slots) next ??= source.next();
      const event = await Promise.race([...running.values(), ...(next === undefined ? [] : [next])]);
      if ('executionId' in event) {
        running.delete(event.executionId);
        yield event;
        continue;
      }
      next = undefined;
      if (event.done === true) {
        ended = true;
        continue;
      }
      const { executionId } = event.value;
      checkId(executionId, seen);
      const execution = requireExecution(event.value.execution);
      running.set(
        executionId,
        runExecution(execution, scoped, options, true)
          .catch((error: unknown) => withoutBackend(error, execution.backend))
          .then((result) => ({ executionId, result })),
      );
    }
  } finally {
    // When the stream ends early, what it still runs ends with it.
    scope.abort(new FlowError('CANCELLED', 'BATCH_ENDED', 'the batch has ended'));
    await Promise.allSettled(running.values());
  }
}

/** One program that names a backend which is not there does not end the others. */
function withoutBackend(error: unknown, name: string): ExecutionResult {
  if (!(error instanceof FlowError) || !error.reason.startsWith('BACKEND_')) throw error;
  const status =
    error.code === 'INVALID_ARGUMENT'
      ? ExecutionStatus.EXECUTION_STATUS_REJECTED
      : ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR;
  return notRun(status, error.message, name);
}

function checkId(id: string, seen: Set<string>): void {
  const problem =
    id === '' || Buffer.byteLength(id) > MAX_ID_BYTES
      ? `must have 1 to ${MAX_ID_BYTES} bytes`
      : seen.has(id)
        ? 'was used in this stream already'
        : seen.size >= MAX_EXECUTIONS
          ? `comes after ${MAX_EXECUTIONS} others; open another stream`
          : undefined;
  if (problem !== undefined) {
    throw new FlowError('INVALID_ARGUMENT', 'EXECUTION_ID_INVALID', `the execution_id ${problem}`, {
      fieldViolations: [{ field: 'execution_id', description: problem }],
    });
  }
  seen.add(id);
}
