import { randomUUID } from 'node:crypto';
import { LogField } from '@flowreasoner/telemetry';
import type { Logger } from '@flowreasoner/telemetry';
import { cameFromCall } from './client-errors.js';
import { codeOf } from './codes.js';
import { FlowError } from './flow-error.js';
import { encodeStatus } from './status-details.js';
import type { GrpcStatus } from './status-details.js';

/**
 * Turns whatever a handler threw into the status its caller gets. A FlowError
 * keeps its code, reason and details. Anything else is a fault of ours: the
 * caller gets INTERNAL with an id and nothing more, the log gets the stack
 * under that id. What is thrown after `signal` was aborted is the abort itself.
 */
export function statusFromError(error: unknown, logger: Logger, signal?: AbortSignal): GrpcStatus {
  const failure = flowErrorFrom(error, logger, signal);
  const status = encodeStatus(failure);
  // Our client has repeated that call already; were each caller up the chain to do so again, tries would multiply.
  if (failure.code === 'UNAVAILABLE' && cameFromCall(failure))
    status.metadata.set('grpc-retry-pushback-ms', '-1');
  return status;
}

function flowErrorFrom(error: unknown, logger: Logger, signal?: AbortSignal): FlowError {
  if (error instanceof FlowError) return error;
  if (signal?.aborted) {
    const reason: unknown = signal.reason;
    return reason instanceof FlowError
      ? reason
      : new FlowError('CANCELLED', 'CALL_CANCELLED', 'the call was cancelled');
  }
  const id = randomUUID();
  logger.error({ err: error, [LogField.errorId]: id }, 'unexpected error in a handler');
  return new FlowError('INTERNAL', 'INTERNAL', `internal error ${id}; the server's log has the details`, {
    metadata: { error_id: id },
  });
}

/** A status as grpc-js produces it, without details of ours. */
export interface PlainStatus {
  readonly code?: number;
  readonly details?: string;
}

/** Facts that an explanation of grpc-js's own statuses needs. */
export interface StatusFacts {
  /** Full name of the method. */
  readonly path: string;
  /** Time the call was given, in milliseconds. */
  readonly timeoutMs: number;
}

const tooLarge = /larger than max \((\d+) vs\.? (\d+)\)/;
/** What grpc-js says when a message can't be written: the caller, or its connection, has gone. */
const unwritable = /^(Internal server error|Error writing message: .*)$/;
const inflatesTooLarge = /decompresses to a size larger than (\d+)/;

/** Gives a status that grpc-js produced itself (limits, deadlines, bad messages) a reason, details and a clear message. */
export function explainStatus(status: PlainStatus, facts: StatusFacts): FlowError {
  const code = codeOf(status.code ?? 2);
  const details = status.details ?? '';
  const sizes = tooLarge.exec(details);
  if (sizes !== null) return messageTooLarge(Number(sizes[1]), Number(sizes[2]), details.startsWith('Sent'));
  const inflated = inflatesTooLarge.exec(details);
  if (inflated !== null) return messageTooLarge(undefined, Number(inflated[1]), false);
  if (code === 'DEADLINE_EXCEEDED') return deadlineExceeded(facts);
  if (code === 'INTERNAL' && unwritable.test(details)) return callCancelled();
  if (/deserializ|decompress/.test(details)) {
    return new FlowError(
      'INVALID_ARGUMENT',
      'MALFORMED_MESSAGE',
      `${facts.path} got a message it cannot decode`,
    );
  }
  if (code === 'UNIMPLEMENTED') return new FlowError(code, 'UNIMPLEMENTED', details);
  return new FlowError(code, code, details || `${facts.path} failed`);
}

function messageTooLarge(size: number | undefined, limit: number, sent: boolean): FlowError {
  const what = sent ? 'the response' : 'the request message';
  const bytes = size === undefined ? '' : ` of ${size} bytes`;
  return new FlowError(
    'RESOURCE_EXHAUSTED',
    'MESSAGE_TOO_LARGE',
    `${what}${bytes} is larger than the limit of ${limit} bytes`,
    {
      metadata: { limit_bytes: String(limit), ...(size === undefined ? {} : { size_bytes: String(size) }) },
      hint: sent
        ? 'Ask for less at once, for example with a smaller page_size.'
        : 'Send less in one message.',
    },
  );
}

/** The error of a call that its caller gave up. */
export function callCancelled(): FlowError {
  return new FlowError('CANCELLED', 'CALL_CANCELLED', 'the caller cancelled the call');
}

/** The error of a call that ran out of time. */
export function deadlineExceeded({ path, timeoutMs }: StatusFacts): FlowError {
  return new FlowError(
    'DEADLINE_EXCEEDED',
    'DEADLINE_EXCEEDED',
    `${path} was not finished within ${Math.round(timeoutMs)} ms`,
    { metadata: { timeout_ms: String(Math.round(timeoutMs)) } },
  );
}
