import { status } from '@grpc/grpc-js';
import type { FlowErrorCode } from './flow-error.js';

const numbers: Readonly<Record<FlowErrorCode, status>> = {
  CANCELLED: status.CANCELLED,
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  NOT_FOUND: status.NOT_FOUND,
  ALREADY_EXISTS: status.ALREADY_EXISTS,
  PERMISSION_DENIED: status.PERMISSION_DENIED,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  RESOURCE_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION: status.FAILED_PRECONDITION,
  ABORTED: status.ABORTED,
  OUT_OF_RANGE: status.OUT_OF_RANGE,
  UNIMPLEMENTED: status.UNIMPLEMENTED,
  INTERNAL: status.INTERNAL,
  UNAVAILABLE: status.UNAVAILABLE,
  DATA_LOSS: status.DATA_LOSS,
};

const names = new Map<number, FlowErrorCode>(
  (Object.keys(numbers) as FlowErrorCode[]).map((name) => [numbers[name], name]),
);

/** The gRPC status number of a code. */
export function statusOf(code: FlowErrorCode): status {
  return numbers[code];
}

/** The code of a gRPC status number; UNKNOWN and numbers that gRPC does not define are INTERNAL. */
export function codeOf(number: number): FlowErrorCode {
  return names.get(number) ?? 'INTERNAL';
}
