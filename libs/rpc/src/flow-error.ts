/**
 * The canonical codes that an error can have, as in google.rpc.Code.
 */
export type FlowErrorCode =
  | 'CANCELLED'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS';

/** One request field that is wrong, as in google.rpc.BadRequest. */
export interface FieldViolation {
  /** Path of the field in the request message, such as `execution.source`. */
  readonly field: string;
  /** What is wrong with it and what would be right. */
  readonly description: string;
}

/** What an error can say besides its code, reason and message. */
export interface FlowErrorOptions {
  readonly cause?: unknown;
  /** Facts for machines, such as `{ limit: '131072' }`; names begin with a letter, as in google.rpc.ErrorInfo. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly FieldViolation[];
  /** When it makes sense to try again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What the caller can do about it, in one sentence. */
  readonly hint?: string;
}

/**
 * The one error class. Expected outcomes (a failing test, an invalid workflow)
 * are values; a FlowError is thrown for what a caller must handle, and becomes
 * a google.rpc.Status in the rpc library's server interceptor.
 */
export class FlowError extends Error {
  override readonly name = 'FlowError';

  /**
   * @param code canonical code
   * @param reason stable UPPER_SNAKE_CASE identifier for machines
   * @param message one sentence for people
   */
  constructor(
    readonly code: FlowErrorCode,
    readonly reason: string,
    message: string,
    readonly options: FlowErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}
