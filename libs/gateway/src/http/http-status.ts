import { FlowError, type FlowErrorCode } from '@flowreasoner/rpc';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An error as an HTTP response tells it, whatever the shape of its body. */
export interface HttpFailure {
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;
  /** Stable UPPER_SNAKE_CASE identifier. */
  readonly reason: string;
  /** What happened, and what can be done about it. */
  readonly message: string;
  readonly fields: readonly { readonly field: string; readonly description: string }[];
}

const byCode: Readonly<Record<FlowErrorCode, ContentfulStatusCode>> = {
  CANCELLED: 503,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  UNAUTHENTICATED: 401,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 409,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
};

const byReason: Readonly<Record<string, ContentfulStatusCode>> = {
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  METHOD_NOT_ALLOWED: 405,
};

/** Reasons for which a caller of the gateway, and not the gateway itself, lacks credentials. */
const keyReasons = new Set(['KEY_MISSING', 'KEY_UNKNOWN', 'KEY_REVOKED', 'KEY_EXPIRED']);

/** Says how an error is told over HTTP. Names and addresses of inner services stay inside. */
export function httpFailureOf(error: unknown): HttpFailure {
  if (!(error instanceof FlowError)) return ownFault;
  const { code, reason, options } = error;
  if (reason === 'SERVICE_UNREACHABLE')
    return unavailable('SERVICE_UNREACHABLE', 'The service is not reachable.');
  const isOurs = code === 'UNAUTHENTICATED' || code === 'PERMISSION_DENIED';
  if (isOurs && !keyReasons.has(reason)) {
    return unavailable('GATEWAY_UNAUTHORIZED', 'The gateway has no access to the service.');
  }
  const status = byReason[reason] ?? byCode[code];
  const { retryAfterMs, hint, metadata } = options;
  return {
    status,
    headers: {
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 405 ? { allow: metadata?.['allow'] ?? '' } : {}),
      // The rest of the body is not read, so nothing can follow on this connection.
      ...(status === 413 ? { connection: 'close' } : {}),
    },
    reason,
    message: hint === undefined ? ended(error.message) : `${ended(error.message)} ${sentence(hint)}`,
    fields: options.fieldViolations ?? [],
  };
}

const ownFault: HttpFailure = {
  status: 500,
  headers: {},
  reason: 'INTERNAL',
  message: 'The gateway failed; the request id tells its operators where.',
  fields: [],
};

function unavailable(reason: string, message: string): HttpFailure {
  return { status: 503, headers: { 'retry-after': '5' }, reason, message, fields: [] };
}

function sentence(text: string): string {
  return ended(text.charAt(0).toUpperCase() + text.slice(1));
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
