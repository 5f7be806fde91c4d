import type { ServiceError } from '@grpc/grpc-js';
import { codeOf } from './codes.js';
import { FlowError } from './flow-error.js';
import type { FlowErrorCode } from './flow-error.js';
import { decodeStatus } from './status-details.js';

/** Facts about a call that its error's message names. */
export interface CallFacts {
  /** Full name of the method. */
  readonly path: string;
  /** Where the call went. */
  readonly peer: string;
  /** Time the call was given, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Turns a failed call into a FlowError: the server's own where its trailers
 * say what it threw, otherwise one that names the service, its address and
 * what went wrong on the way.
 */
export function errorFromCall(error: ServiceError, facts: CallFacts): FlowError {
  const failure = decodeStatus(error.code, error.details, error.metadata) ?? transportError(error, facts);
  fromCalls.add(failure);
  return failure;
}

const fromCalls = new WeakSet<Error>();

/** Whether an error, or one that it has as its cause, came from a call to another service. */
export function cameFromCall(error: Error): boolean {
  return fromCalls.has(error) || (error.cause instanceof Error && cameFromCall(error.cause));
}

const tooLarge = /larger than max \((?<size>\d+) vs\.? (?<limit>\d+)\)/;
const tooLargeToSend = /send message with a size larger than (?<limit>\d+)/;
const inflatesTooLarge = /decompresses to a size larger than (?<limit>\d+)/;

// What grpc-js calls INTERNAL: the connection ended, and with it a call that got no status.
const brokenOff = /^Received RST_STREAM with code [02]\b/;

function transportError({ code: number, details }: ServiceError, facts: CallFacts): FlowError {
  const code = brokenOff.test(details) ? 'UNAVAILABLE' : codeOf(number);
  const { path, peer } = facts;
  const sent = tooLargeToSend.exec(details);
  const sizes = sent ?? tooLarge.exec(details) ?? inflatesTooLarge.exec(details);
  if (sizes !== null)
    return messageTooLarge(path, sent === null ? 'a response' : 'the request', sizes.groups);
  const messages: Partial<Record<FlowErrorCode, [reason: string, message: string]>> = {
    UNAVAILABLE: ['SERVICE_UNREACHABLE', `${path} at ${peer} cannot be reached: ${details}`],
    DEADLINE_EXCEEDED: [
      'DEADLINE_EXCEEDED',
      `${path} at ${peer} did not answer within ${Math.round(facts.timeoutMs)} ms`,
    ],
    CANCELLED: ['CALL_CANCELLED', `${path} was cancelled`],
    UNIMPLEMENTED: ['METHOD_UNIMPLEMENTED', `${peer} does not offer ${path}`],
  };
  const [reason, message] = messages[code] ?? [code, `${path} at ${peer} failed: ${details}`];
  return new FlowError(code, reason, message);
}

function messageTooLarge(
  path: string,
  what: string,
  { size, limit = '' }: Readonly<Partial<Record<string, string>>> = {},
): FlowError {
  return new FlowError(
    'RESOURCE_EXHAUSTED',
    'MESSAGE_TOO_LARGE',
    `${what} of ${path}${size === undefined ? '' : `, ${size} bytes,`} is larger than the limit of ${limit} bytes`,
    { metadata: { limit_bytes: limit, ...(size === undefined ? {} : { size_bytes: size }) } },
  );
}
