import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerErrorResponse,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { context as otel } from '@opentelemetry/api';
import { callState } from './call-context.js';
import type { CallContext, CallState } from './call-context.js';
import { statusFromError } from './server-errors.js';

/** Answers one request with one response. */
export type UnaryFunction<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

/** Answers one request with a sequence of responses; taking one from it waits until the caller has room for it. */
export type ServerStreamFunction<Request, Response> = (
  request: Request,
  context: CallContext,
) => AsyncIterable<Response>;

/** Answers a sequence of requests with a sequence of responses; requests are read from the wire only as they are taken. */
export type BidiFunction<Request, Response> = (
  requests: AsyncIterable<Request>,
  context: CallContext,
) => AsyncIterable<Response>;

/** Makes a gRPC handler of a function. What it throws becomes the call's status: see `statusFromError`. */
export function unaryHandler<Request, Response>(
  answer: UnaryFunction<Request, Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const state = callState(call);
    const { context } = state;
    const fail = (error: unknown): void => {
      const status = statusFromError(error, context.logger, context.signal);
      state.handled = true;
      callback(status);
    };
    const succeed = (response: Response): void => {
      state.handled = true;
      callback(null, response);
    };
    otel.with(context.trace, async () => answer(call.request, context)).then(succeed, fail);
  };
}

/** Makes a gRPC handler of an async generator. Leaves it (its `finally` runs) when the call ends early. */
export function serverStreamHandler<Request, Response>(
  answer: ServerStreamFunction<Request, Response>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const state = callState(call);
    void otel.with(state.context.trace, () => pump(call, state, () => answer(call.request, state.context)));
  };
}

/** Makes a gRPC handler of an async generator that is given the stream of requests. */
export function bidiHandler<Request, Response>(
  answer: BidiFunction<Request, Response>,
): handleBidiStreamingCall<Request, Response> {
  return (call) => {
    const state = callState(call);
    const requests = readRequests(call, state.context);
    void otel.with(state.context.trace, () => pump(call, state, () => answer(requests, state.context)));
  };
}

/** Sends what `answer` yields, as fast as the caller takes it, then the status. */
async function pump<Request, Response>(
  call: ServerWritableStream<Request, Response> | ServerDuplexStream<Request, Response>,
  state: CallState,
  answer: () => AsyncIterable<Response>,
): Promise<void> {
  const { signal, logger } = state.context;
  try {
    for await (const response of answer()) {
      signal.throwIfAborted();
      if (!call.write(response)) await once(call, 'drain', { signal });
    }
    state.handled = true;
    call.end();
  } catch (error) {
    const status = statusFromError(error, logger, signal);
    state.handled = true;
    call.emit('error', Object.assign(new Error(status.details), status) satisfies ServerErrorResponse);
  }
}

/** The requests of a call; ends with the call's abort reason where the call ends early. */
async function* readRequests<Request>(
  call: ServerDuplexStream<Request, unknown>,
  { signal }: CallContext,
): AsyncGenerator<Request> {
  try {
    // Leaving the loop must not destroy the stream: responses may still be on their way.
    yield* call.iterator({ destroyOnReturn: false }) as AsyncIterable<Request>;
    // A cancelled stream first looks as if the caller had finished its requests; the truth comes a turn later.
    await setImmediate();
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
