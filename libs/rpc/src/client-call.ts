import { Metadata } from '@grpc/grpc-js';
import type { Client, ServiceError } from '@grpc/grpc-js';
import { context as otel, metrics, SpanKind, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { Attribute, failSpan, formatTraceHeaders, Metric, startSpan } from '@flowreasoner/telemetry';
import { tenantHeader } from './auth.js';
import type { CallContext } from './call-context.js';
import { settingsOf } from './client.js';
import { errorFromCall } from './client-errors.js';
import type { CallFacts } from './client-errors.js';
import { statusOf } from './codes.js';
import { FlowError } from './flow-error.js';

/** The call on whose behalf another one is made: a handler's context will do. */
export type ParentCall = Pick<CallContext, 'signal' | 'deadline' | 'tenant'> &
  Partial<Pick<CallContext, 'trace'>>;

/** How one call is made. */
export interface CallOptions {
  /**
   * Time until the call gives up, in milliseconds; Infinity for none. Default:
   * what is left of the parent's time, or the client's default. Never more than
   * what is left of the parent's time.
   */
  readonly deadlineMs?: number;
  /** Cancels the call; where its reason is a FlowError, the call fails with that. */
  readonly signal?: AbortSignal;
  /** Call whose deadline, cancellation, tenant and trace this one continues. */
  readonly parent?: ParentCall;
  /** Tenant to act for. Default: the parent's. */
  readonly tenant?: string;
  /** Further request headers. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What can be cancelled. */
interface Cancellable {
  cancel(): void;
}

/** The bookkeeping of one call: headers, deadline, cancellation, span, and the error it ends with. */
export class ClientCall {
  readonly metadata = new Metadata();
  readonly deadline: number;
  readonly #facts: CallFacts;
  readonly #span: Span;
  readonly #signals: readonly AbortSignal[];
  readonly #startedAt = Date.now();
  #call: Cancellable | undefined;
  #finished = false;

  constructor(client: Client, path: string, options: CallOptions) {
    const { peer, token, defaultDeadlineMs } = settingsOf(client);
    const parentDeadline = options.parent?.deadline ?? Infinity;
    const own = options.deadlineMs ?? (Number.isFinite(parentDeadline) ? Infinity : defaultDeadlineMs);
    this.deadline = Math.min(this.#startedAt + own, parentDeadline);
    this.#facts = { path, peer, timeoutMs: this.deadline - this.#startedAt };
    this.#signals = [options.signal, options.parent?.signal].filter((signal) => signal !== undefined);
    const [service = '', method = ''] = path.slice(1).split('/');
    this.#span = startSpan(path.slice(1), {
      kind: SpanKind.CLIENT,
      parent: options.parent?.trace ?? otel.active(),
      attributes: {
        [Attribute.rpcSystem]: 'grpc',
        [Attribute.rpcService]: service,
        [Attribute.rpcMethod]: method,
        [Attribute.serverAddress]: peer,
      },
    });
    for (const [key, value] of Object.entries(options.metadata ?? {})) this.metadata.set(key, value);
    for (const [key, value] of Object.entries(formatTraceHeaders(this.#span.spanContext()))) {
      this.metadata.set(key, value);
    }
    const tenant = options.tenant ?? options.parent?.tenant;
    if (tenant !== undefined) this.metadata.set(tenantHeader, tenant);
    if (token !== undefined) this.metadata.set('authorization', `Bearer ${token}`);
  }

  /** Fails where the call must not even start, because a signal has aborted. */
  throwIfAborted(): void {
    const aborted = this.#signals.find((signal) => signal.aborted);
    if (aborted !== undefined) throw this.finish(abortReason(aborted, this.#facts.path));
  }

  /** Cancels `call` as soon as a signal aborts. */
  attach(call: Cancellable): void {
    this.#call = call;
    for (const signal of this.#signals) signal.addEventListener('abort', this.#cancel, { once: true });
  }

  readonly #cancel = (): void => this.#call?.cancel();

  /** Ends the bookkeeping; the first end counts. */
  finish(): undefined;
  /** @returns the error that the caller gets */
  finish(error: ServiceError | FlowError): FlowError;
  finish(error?: ServiceError | FlowError): FlowError | undefined {
    const failure = error === undefined ? undefined : this.#explain(error);
    if (this.#finished) return failure;
    this.#finished = true;
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#cancel);
    const code = failure === undefined ? 0 : statusOf(failure.code);
    this.#span.setAttribute(Attribute.rpcStatusCode, code);
    if (failure !== undefined) {
      this.#span.setAttribute(Attribute.errorType, failure.reason);
      failSpan(this.#span, failure);
    }
    this.#span.end();
    const [service = '', method = ''] = this.#facts.path.slice(1).split('/');
    durations().record((Date.now() - this.#startedAt) / 1000, {
      [Attribute.rpcService]: service,
      [Attribute.rpcMethod]: method,
      [Attribute.rpcStatusCode]: code,
    });
    return failure;
  }

  /** Runs `work` with this call's span as the active one. */
  run<T>(work: () => T): T {
    return otel.with(trace.setSpan(otel.active(), this.#span), work);
  }

  #explain(error: ServiceError | FlowError): FlowError {
    const failure = error instanceof FlowError ? error : errorFromCall(error, this.#facts);
    const aborted = this.#signals.find((signal) => signal.aborted);
    return failure.code === 'CANCELLED' && aborted !== undefined
      ? abortReason(aborted, this.#facts.path)
      : failure;
  }
}

function abortReason(signal: AbortSignal, path: string): FlowError {
  const reason: unknown = signal.reason;
  return reason instanceof FlowError
    ? reason
    : new FlowError('CANCELLED', 'CALL_CANCELLED', `${path} was cancelled`, { cause: reason });
}

/** Asked for on each call: the instrument of a provider that is registered later would be lost otherwise. */
function durations(): ReturnType<ReturnType<typeof metrics.getMeter>['createHistogram']> {
  return metrics
    .getMeter('@flowreasoner/rpc')
    .createHistogram(Metric.rpcClientDuration, { unit: 's', description: 'Time from start to status.' });
}
