import type { Metadata, ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import type { Context } from '@opentelemetry/api';
import type { Logger } from '@flowreasoner/telemetry';
import type { Identity } from './auth.js';

/** The call as grpc-js hands it to a handler. */
export type ServerCall =
  | ServerUnaryCall<unknown, unknown>
  | ServerWritableStream<unknown, unknown>
  | ServerDuplexStream<unknown, unknown>;

/** What a handler knows about the call it answers. */
export interface CallContext {
  /**
   * Aborts when the caller cancels, the deadline passes or the server is
   * forced to stop; its reason is a FlowError. Hand it to everything that waits.
   */
  readonly signal: AbortSignal;
  /** When the caller stops waiting, in milliseconds since 1970; Infinity for none. */
  readonly deadline: number;
  /** Tenant on whose behalf the call is made. */
  readonly tenant: string;
  /** Who made the call. */
  readonly identity: Identity;
  /** Request headers. */
  readonly metadata: Metadata;
  /** Logger whose lines name the method and the tenant. */
  readonly logger: Logger;
  /** Full name of the method, such as `/flowreasoner.sandbox.v1.SandboxService/Execute`. */
  readonly path: string;
  /** OpenTelemetry context of the call's span. */
  readonly trace: Context;
  /** Aborts when the server begins to drain: streams without an end stop here and let callers resume elsewhere. */
  readonly draining: AbortSignal;
}

/** What a server keeps about a call in progress. */
export interface CallState {
  readonly context: CallContext;
  /** Set by the handler once it has given its answer: a later end of the call is no cancellation. */
  handled: boolean;
}

/** A call's headers object is the one thing that both the interceptor and the handler see. */
const states = new WeakMap<Metadata, CallState>();

/** Remembers the state of a call for its handler. */
export function putCallState(metadata: Metadata, state: CallState): void {
  states.set(metadata, state);
}

/**
 * The state of the call that a handler was given.
 *
 * @throws Error where the server was not started by `startServer`
 */
export function callState(call: { readonly metadata: Metadata }): CallState {
  const state = states.get(call.metadata);
  if (state === undefined) throw new Error('this handler needs a server started by startServer');
  return state;
}
