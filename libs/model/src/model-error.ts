import { FlowError } from '@flowreasoner/rpc';
import type { FlowErrorCode } from '@flowreasoner/rpc';
import { APIConnectionError, APIError } from 'openai';
import { parseRetryAfter } from './backoff.js';
import { ModelLimits } from './limits.js';

/** Where an error happened, for its sentence. */
export interface ErrorPlace {
  readonly endpoint: string;
  /** The endpoint's URL as people may see it. */
  readonly url: string;
  /** Undefined where no model was asked, as when models are listed. */
  readonly model?: string;
  readonly redact: (text: string) => string;
}

/** Why one attempt failed, and what that means for the next one. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';

  /**
   * @param flowError what the caller gets when no further attempt is made
   * @param retryable whether another attempt may succeed
   * @param mayHaveRun whether the model may have worked, so that its tokens count as used
   */
  constructor(
    readonly flowError: FlowError,
    readonly retryable: boolean,
    readonly mayHaveRun: boolean,
  ) {
    super(flowError.message, { cause: flowError });
  }
}

/** Thrown into a response body that is longer than the limit. */
export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

/** Thrown where an answer breaks the protocol; its message says how, quoting the answer in full: cut only after redaction. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

interface Verdict {
  readonly code: FlowErrorCode;
  readonly reason: string;
  readonly what: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly mayHaveRun: boolean;
  readonly retryAfterMs?: number;
}

/** What fetch says of a port that it connects to in no case, such as 9. */
const blockedPort = /bad port/;

/** Errors raised before a connection stood, so that no model can have seen the request. */
const neverConnected =
  /bad port|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT|SSL|TLS/;

/** Turns whatever an attempt threw into an {@link AttemptError}; `nowMs` is needed for Retry-After dates. */
export function toAttemptError(error: unknown, place: ErrorPlace, nowMs: number): AttemptError {
  if (error instanceof AttemptError) return error;
  const verdict = judge(error, place, nowMs);
  const flowError = new FlowError(verdict.code, verdict.reason, `${subject(place)} ${verdict.what}.`, {
    hint: verdict.hint,
    metadata: metadataOf(place),
    ...(verdict.retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(verdict.retryAfterMs) }),
  });
  return new AttemptError(flowError, verdict.retryable, verdict.mayHaveRun);
}

/** What took too long: `idle` is silence, `total` the whole attempt, `list` the list of models. */
export type TimeoutKind = 'idle' | 'total' | 'list';

const timeouts: Readonly<Record<TimeoutKind, { what: string; hint: string }>> = {
  idle: { what: 'was silent for', hint: 'raise idleTimeoutMs' },
  total: { what: 'did not finish its answer within', hint: 'raise requestTimeoutMs' },
  list: { what: 'did not list its models within', hint: 'check the base URL' },
};

/** The error of a request that took too long. */
export function timeoutError(kind: TimeoutKind, afterMs: number, place: ErrorPlace): AttemptError {
  const flowError = new FlowError(
    'UNAVAILABLE',
    'MODEL_TIMEOUT',
    `${subject(place)} ${timeouts[kind].what} ${afterMs} ms.`,
    {
      hint: `Check the load of the server, or ${timeouts[kind].hint} of endpoint '${place.endpoint}'.`,
      metadata: metadataOf(place),
    },
  );
  return new AttemptError(flowError, true, true);
}

function subject(place: ErrorPlace): string {
  const endpoint = `ndpoint '${place.endpoint}' (${place.url})`;
  return place.model === undefined ? `E${endpoint}` : `Model '${place.model}' at e${endpoint}`;
}

function metadataOf(place: ErrorPlace): Record<string, string> {
  return { endpoint: place.endpoint, ...(place.model === undefined ? {} : { model: place.model }) };
}

function judge(error: unknown, place: ErrorPlace, nowMs: number): Verdict {
  if (isTooLarge(error)) {
    return badResponse(`sent more than ${ModelLimits.responseBytes} bytes, the limit of one answer`, false);
  }
  if (error instanceof APIConnectionError) return connectionVerdict(error, place);
  if (error instanceof APIError) {
    if (error.status !== undefined) return statusVerdict(error, error.status, place, nowMs);
    return serverError(`reported an error within its answer${quote(error.message, place)}`, true);
  }
  if (error instanceof ProtocolError) {
    return badResponse(`gave an answer that is not the protocol: ${excerpt(error.message, place)}`, false);
  }
  if (error instanceof SyntaxError) {
    return badResponse('gave an answer that is not the protocol: malformed JSON in its stream', false);
  }
  return {
    ...badResponse(`broke its answer off (${excerpt(causeText(error), place)})`, true),
    reason: 'MODEL_STREAM_BROKEN',
    hint: 'Check the log of the server, and any proxy before it, for a crash or a time limit.',
  };
}

function connectionVerdict(error: APIConnectionError, place: ErrorPlace): Verdict {
  const text = causeText(error);
  const refused = neverConnected.test(text);
  return {
    code: 'UNAVAILABLE',
    reason: 'MODEL_UNREACHABLE',
    what: refused
      ? `cannot be reached (${excerpt(text, place)})`
      : `closed the connection without an answer (${excerpt(text, place)})`,
    hint: `Check that a model server runs at ${place.url}, and that the base URL of endpoint '${place.endpoint}' is right.`,
    retryable: !blockedPort.test(text),
    mayHaveRun: !refused,
  };
}

function statusVerdict(error: APIError, status: number, place: ErrorPlace, nowMs: number): Verdict {
  const said = quote(error.message.replace(/^\d{3} /, ''), place);
  const code = String(error.code ?? '');
  const refused = { retryable: false, mayHaveRun: false };
  if (status === 429 && code === 'insufficient_quota') {
    return {
      ...refused,
      code: 'RESOURCE_EXHAUSTED',
      reason: 'MODEL_QUOTA_EXHAUSTED',
      what: `refused because the account's quota is used up${said}`,
      hint: 'Add credit to the account of this key, or use another endpoint.',
    };
  }
  const retryAfterMs = parseRetryAfter(error.headers, nowMs);
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) {
    return {
      code: 'RESOURCE_EXHAUSTED',
      reason: 'MODEL_RATE_LIMITED',
      what: `is rate limited${said}`,
      hint: `Try again later, or lower the concurrency of endpoint '${place.endpoint}'.`,
      retryable: true,
      mayHaveRun: false,
      ...later,
    };
  }
  if (status >= 500 || status === 408 || status === 409) {
    return { ...serverError(`answered with status ${status}${said}`, false), ...later };
  }
  if (status === 401 || status === 403) {
    return {
      ...refused,
      code: 'FAILED_PRECONDITION',
      reason: 'MODEL_UNAUTHORIZED',
      what: `refused the key (status ${status})${said}`,
      hint: `Set the key of endpoint '${place.endpoint}' (apiKeyEnv names its variable), and check what it may use.`,
    };
  }
  if (status === 404) {
    return {
      ...refused,
      code: 'FAILED_PRECONDITION',
      reason: 'MODEL_NOT_FOUND',
      what: `does not exist there (status 404)${said}`,
      hint: `Use a model that ${place.url}/models lists, and check that the base URL ends in its version, such as /v1.`,
    };
  }
  if (
    /context.?length|maximum context|context.?(size|window)|prompt is too long|too many tokens/i.test(
      code + error.message,
    )
  ) {
    return {
      ...refused,
      code: 'FAILED_PRECONDITION',
      reason: 'MODEL_CONTEXT_EXCEEDED',
      what: `has too small a context for this request${said}`,
      hint: 'Shorten the prompt, lower the output limit, or use a model with a longer context.',
    };
  }
  return {
    ...refused,
    code: 'FAILED_PRECONDITION',
    reason: 'MODEL_REJECTED',
    what: `rejected the request (status ${status})${said}`,
    hint: 'Check that the server knows the fields of the request (grammar, seed, response_format), and its base URL.',
  };
}

function serverError(what: string, mayHaveRun: boolean): Verdict {
  return {
    code: 'UNAVAILABLE',
    reason: 'MODEL_SERVER_ERROR',
    what,
    hint: 'Check the log of the model server.',
    retryable: true,
    mayHaveRun,
  };
}

function badResponse(what: string, retryable: boolean): Verdict {
  return {
    code: 'UNAVAILABLE',
    reason: 'MODEL_BAD_RESPONSE',
    what,
    hint: 'Check that the base URL belongs to an OpenAI-compatible server, and that no proxy changes its answers.',
    retryable,
    mayHaveRun: true,
  };
}

function quote(message: string, place: ErrorPlace): string {
  const text = excerpt(message, place).replace(/[.\s]+$/, '');
  return text === '' || text === 'status code (no body)' ? '' : `: ${text}`;
}

/** Redacts first: a secret that is cut in two is no longer recognised. */
function excerpt(message: string, place: ErrorPlace): string {
  const printable = place
    .redact(message)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return printable.length <= ModelLimits.errorExcerpt
    ? printable
    : `${printable.slice(0, ModelLimits.errorExcerpt)}…`;
}

/** The innermost cause says what happened; the wrappers say only "fetch failed". */
function causeText(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
  if (innermost instanceof AggregateError && innermost.errors.length > 0) innermost = innermost.errors[0];
  if (!(innermost instanceof Error)) return String(innermost);
  const code = (innermost as NodeJS.ErrnoException).code;
  return code === undefined || innermost.message.includes(code)
    ? innermost.message
    : `${code} ${innermost.message}`;
}

function isTooLarge(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof ResponseTooLarge) return true;
  }
  return false;
}
