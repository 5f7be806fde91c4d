import type { Client, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { ClientCall } from './client-call.js';
import type { CallOptions } from './client-call.js';
import { BidiStream, ResponseStream } from './client-stream.js';
import type { BidiName, RequestOf, ResponseOf, StreamName, UnaryName } from './method-types.js';

/**
 * Makes a call with one request and one response:
 * `await unary(client, 'execute', request, { parent: context })`.
 *
 * @throws FlowError as the server threw it, or one that says why it was not reached
 */
export function unary<C extends Client, M extends UnaryName<C>>(
  client: C,
  method: M,
  request: RequestOf<C, M>,
  options: CallOptions = {},
): Promise<ResponseOf<C, M>> {
  const definition = definitionOf<RequestOf<C, M>, ResponseOf<C, M>>(client, method);
  const { path, requestSerialize, responseDeserialize } = definition;
  return new Promise((resolve, reject) => {
    const call = new ClientCall(client, path, options);
    call.throwIfAborted();
    const done = (error: ServiceError | null, response?: ResponseOf<C, M>): void => {
      if (error !== null) return reject(call.finish(error));
      call.finish();
      resolve(response as ResponseOf<C, M>);
    };
    const { metadata, deadline } = call;
    const started = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      { deadline },
      done,
    );
    call.attach(started);
  });
}

/**
 * Makes a call with one request and a stream of responses. Responses are taken
 * from the wire as they are iterated; leaving the loop cancels the call.
 *
 * @throws FlowError while iterating
 */
export function serverStream<C extends Client, M extends StreamName<C>>(
  client: C,
  method: M,
  request: RequestOf<C, M>,
  options: CallOptions = {},
): ResponseStream<ResponseOf<C, M>> {
  const definition = definitionOf<RequestOf<C, M>, ResponseOf<C, M>>(client, method);
  const { path, requestSerialize, responseDeserialize } = definition;
  const call = new ClientCall(client, path, options);
  call.throwIfAborted();
  const { metadata, deadline } = call;
  return new ResponseStream(
    call,
    client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata, {
      deadline,
    }),
  );
}

/**
 * Opens a call with streams both ways: `write` requests, `end()` them, and
 * iterate over the responses meanwhile; leaving the loop cancels the call.
 *
 * @throws FlowError while writing or iterating
 */
export function bidiStream<C extends Client, M extends BidiName<C>>(
  client: C,
  method: M,
  options: CallOptions = {},
): BidiStream<RequestOf<C, M>, ResponseOf<C, M>> {
  const definition = definitionOf<RequestOf<C, M>, ResponseOf<C, M>>(client, method);
  const { path, requestSerialize, responseDeserialize } = definition;
  const call = new ClientCall(client, path, options);
  call.throwIfAborted();
  const { metadata, deadline } = call;
  return new BidiStream(
    call,
    client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, { deadline }),
  );
}

/** grpc-js puts a method's definition on the client's method of that name. */
function definitionOf<Request, Response>(
  client: Client,
  method: string,
): MethodDefinition<Request, Response> {
  return (client as unknown as Record<string, MethodDefinition<Request, Response>>)[
    method
  ] as MethodDefinition<Request, Response>;
}
