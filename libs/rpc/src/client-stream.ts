import { once } from 'node:events';
import type { ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import type { ClientCall } from './client-call.js';
import { FlowError } from './flow-error.js';

/** The responses of a call, to be iterated over once. */
export class ResponseStream<Response> implements AsyncIterable<Response> {
  readonly #call: ClientReadableStream<Response>;
  /** What the call failed with; grpc-js may report it before anybody iterates. */
  #failure: FlowError | undefined;

  constructor(bookkeeping: ClientCall, call: ClientReadableStream<Response>) {
    this.#call = call;
    call.on('error', (error) => {
      this.#failure = bookkeeping.finish(error as ServiceError);
    });
    call.on('end', () => this.#failure ?? bookkeeping.finish());
    bookkeeping.attach(call);
  }

  /** Ends the call; whoever iterates gets CANCELLED. */
  cancel(): void {
    this.#call.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Response, void, undefined> {
    let finished = false;
    try {
      yield* this.#call as AsyncIterable<Response>;
      finished = true;
    } catch (error) {
      finished = true;
      throw this.#failure ?? error;
    } finally {
      if (!finished) this.#call.cancel();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** A call with streams both ways. */
export class BidiStream<Request, Response> implements AsyncIterable<Response> {
  readonly #responses: ResponseStream<Response>;
  readonly #call: ClientDuplexStream<Request, Response>;
  readonly #over = new AbortController();

  constructor(bookkeeping: ClientCall, call: ClientDuplexStream<Request, Response>) {
    this.#call = call;
    this.#responses = new ResponseStream(bookkeeping, call);
    call.on('status', () => this.#over.abort());
  }

  /**
   * Sends a request; resolves once there is room for the next one.
   *
   * @throws FlowError CANCELLED where the call is over; why, the iteration says
   */
  async write(request: Request): Promise<void> {
    if (this.#over.signal.aborted) throw this.#ended();
    if (this.#call.write(request)) return;
    try {
      await once(this.#call, 'drain', { signal: this.#over.signal });
    } catch {
      throw this.#ended();
    }
  }

  /** Says that no further request follows. */
  end(): void {
    this.#call.end();
  }

  /** Ends the call; whoever iterates gets CANCELLED. */
  cancel(): void {
    this.#call.cancel();
  }

  [Symbol.asyncIterator](): AsyncGenerator<Response, void, undefined> {
    return this.#responses[Symbol.asyncIterator]();
  }

  #ended(): FlowError {
    return new FlowError('CANCELLED', 'CALL_ENDED', 'the call ended before all requests were sent');
  }
}
