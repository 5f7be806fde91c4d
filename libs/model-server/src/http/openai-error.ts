import { FlowError } from '@flowreasoner/rpc';
import type { FlowErrorCode } from '@flowreasoner/rpc';

/** The body of a failed request, as OpenAI's API words it. */
export interface OpenAiErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'rate_limit_error' | 'server_error';
    readonly param: string | null;
    readonly code: string;
  };
}

/** A failed request on the wire. */
export interface OpenAiError {
  readonly status: 400 | 401 | 404 | 405 | 413 | 415 | 429 | 500 | 503;
  readonly body: OpenAiErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

const STATUS_BY_REASON: Readonly<Record<string, OpenAiError['status']>> = {
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  METHOD_NOT_ALLOWED: 405,
};

const STATUS_BY_CODE: Partial<Record<FlowErrorCode, OpenAiError['status']>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
};

/** Puts an error into OpenAI's shape; what is not a FlowError is our own fault and says no more than that. */
export function toOpenAiError(error: unknown): OpenAiError {
  if (!(error instanceof FlowError)) {
    return {
      status: 500,
      headers: {},
      body: body('The model server failed.', 'server_error', null, 'internal'),
    };
  }
  const { hint, retryAfterMs, fieldViolations } = error.options;
  const status = STATUS_BY_REASON[error.reason] ?? STATUS_BY_CODE[error.code] ?? 500;
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  const message = hint === undefined ? error.message : `${error.message} ${hint}`;
  return {
    status,
    headers: {
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
      // The rest of the body is not read, so nothing can follow on this connection.
      ...(status === 413 && { connection: 'close' }),
    },
    body: body(message, type, fieldViolations?.[0]?.field ?? null, error.reason.toLowerCase()),
  };
}

function body(
  message: string,
  type: OpenAiErrorBody['error']['type'],
  param: string | null,
  code: string,
): OpenAiErrorBody {
  return { error: { message, type, param, code } };
}
