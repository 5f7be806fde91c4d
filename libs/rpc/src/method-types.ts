import type {
  CallOptions,
  Client,
  ClientDuplexStream,
  ClientReadableStream,
  ClientUnaryCall,
  Metadata,
  ServiceError,
} from '@grpc/grpc-js';

/** How ts-proto types a unary method, in its last overload. */
type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** How ts-proto types a method with a stream of responses, in its last overload. */
type StreamMethod<Request, Response> = (
  request: Request,
  metadata?: Metadata,
  options?: Partial<CallOptions>,
) => ClientReadableStream<Response>;

/** How ts-proto types a method with streams both ways, in its last overload. */
type BidiMethod<Request, Response> = (
  metadata: Metadata,
  options?: Partial<CallOptions>,
) => ClientDuplexStream<Request, Response>;

interface Signature<Kind, Request, Response> {
  readonly kind: Kind;
  readonly request: Request;
  readonly response: Response;
}

// In this order: structurally, a stream both ways is also a stream of responses, and either is also a unary call.
type SignatureOf<M> =
  M extends BidiMethod<infer Request, infer Response>
    ? Signature<'bidi', Request, Response>
    : M extends StreamMethod<infer Request, infer Response>
      ? Signature<'stream', Request, Response>
      : M extends UnaryMethod<infer Request, infer Response>
        ? Signature<'unary', Request, Response>
        : Signature<'none', never, never>;

type Names<C, Kind> = {
  [K in Exclude<keyof C, keyof Client>]: SignatureOf<C[K]>['kind'] extends Kind ? K : never;
}[Exclude<keyof C, keyof Client>] &
  string;

/** Names of a client's methods with one request and one response. */
export type UnaryName<C extends Client> = Names<C, 'unary'>;

/** Names of a client's methods with one request and a stream of responses. */
export type StreamName<C extends Client> = Names<C, 'stream'>;

/** Names of a client's methods with streams both ways. */
export type BidiName<C extends Client> = Names<C, 'bidi'>;

/** What a method takes. */
export type RequestOf<C, M extends keyof C> = SignatureOf<C[M]>['request'];

/** What a method gives. */
export type ResponseOf<C, M extends keyof C> = SignatureOf<C[M]>['response'];
