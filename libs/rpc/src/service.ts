import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  ServiceDefinition,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { FlowError } from './flow-error.js';
import { encodeStatus } from './status-details.js';

type Handler<M> =
  M extends MethodDefinition<infer Request, infer Response>
    ? M extends { requestStream: true }
      ? M extends { responseStream: true }
        ? handleBidiStreamingCall<Request, Response>
        : handleClientStreamingCall<Request, Response>
      : M extends { responseStream: true }
        ? handleServerStreamingCall<Request, Response>
        : handleUnaryCall<Request, Response>
    : never;

/** The handlers of a generated service definition, by method. */
export type Handlers<D extends ServiceDefinition> = { readonly [K in keyof D]: Handler<D[K]> };

/** A service and its handlers, ready for `startServer`. */
export interface Service {
  /** Full name, such as `flowreasoner.sandbox.v1.SandboxService`. */
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * Joins a generated service definition and its handlers. A method without a
 * handler refuses with UNIMPLEMENTED and a reason.
 */
export function service<D extends ServiceDefinition>(definition: D, handlers: Partial<Handlers<D>>): Service {
  const given = handlers as Readonly<Record<string, UntypedHandleCall | undefined>>;
  const methods = Object.entries<MethodDefinition<unknown, unknown>>(definition);
  return {
    name: methods[0]?.[1].path.split('/')[1] ?? '',
    definition,
    implementation: Object.fromEntries(
      methods.map(([key, method]) => [key, given[key] ?? unimplemented(method)]),
    ),
  };
}

function unimplemented(method: MethodDefinition<unknown, unknown>): UntypedHandleCall {
  const status = encodeStatus(
    new FlowError('UNIMPLEMENTED', 'METHOD_UNIMPLEMENTED', `this server does not implement ${method.path}`),
  );
  if (method.responseStream) {
    const refuse: handleServerStreamingCall<unknown, unknown> = (call) =>
      call.emit('error', Object.assign(new Error(status.details), status));
    return refuse;
  }
  const refuse: handleUnaryCall<unknown, unknown> = (_call, callback) => callback(status);
  return refuse;
}
