import { ServerInterceptingCall, status } from '@grpc/grpc-js';
import type { Metadata, ServerInterceptingCallInterface, ServerInterceptor } from '@grpc/grpc-js';
import { metrics, SpanKind, trace } from '@opentelemetry/api';
import type { Histogram, Span } from '@opentelemetry/api';
import {
  Attribute,
  contextFromHeaders,
  failSpan,
  LogField,
  Metric,
  startSpan,
} from '@flowreasoner/telemetry';
import type { Logger } from '@flowreasoner/telemetry';
import type { Authenticator, Identity } from './auth.js';
import { putCallState } from './call-context.js';
import type { CallContext, CallState } from './call-context.js';
import { codeOf } from './codes.js';
import { FlowError } from './flow-error.js';
import { callCancelled, deadlineExceeded, explainStatus, statusFromError } from './server-errors.js';
import { decodeStatus, encodeStatus, hasDetails } from './status-details.js';

/** What every call of a server has in common. */
export interface ServerCallOptions {
  readonly logger: Logger;
  /** Undefined for methods that need no credentials. */
  readonly authenticate: (path: string) => Authenticator | undefined;
  /** Time for a call that comes without a deadline, in milliseconds; Infinity for none. */
  readonly defaultDeadlineMs: (path: string) => number;
  /** Greatest number of calls at once; health checks are not counted. */
  readonly maxConcurrentCalls: number;
  /** Aborts when the server begins to drain. */
  readonly draining: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The calls that a server is answering. */
export interface ActiveCalls {
  /** Ends every call in progress with UNAVAILABLE; callers may repeat them elsewhere. */
  end(): void;
  /** Ends the endless calls of monitoring and tools, which would hold up a drain. */
  endInfrastructure(): void;
}

/** Longest delay that a timer takes, in milliseconds. */
const maxTimerMs = 2 ** 31 - 1;

const infrastructurePath = /^\/grpc\.(health|reflection)\./;

/** Whether a method belongs to gRPC's own services. */
export function isInfrastructure(path: string): boolean {
  return infrastructurePath.test(path);
}

type PlainStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

interface SentStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata | null;
}

/**
 * Makes the interceptor through which every call of a server goes: identity,
 * tenant, default deadline, cancellation, trace, metrics, and details for the
 * statuses that grpc-js makes up itself.
 */
export function serverCalls(options: ServerCallOptions): {
  interceptor: ServerInterceptor;
  active: ActiveCalls;
} {
  const calls = new Set<FlowServerCall>();
  const infrastructure = new Set<FlowServerCall>();
  const duration = metrics
    .getMeter('@flowreasoner/rpc')
    .createHistogram(Metric.rpcServerDuration, { unit: 's', description: 'Time from arrival to status.' });
  const unavailable = new FlowError('UNAVAILABLE', 'SERVER_DRAINING', 'this server is shutting down', {
    hint: 'Repeat the call: another server or the restarted one will answer.',
  });
  return {
    interceptor: (method, call) =>
      new FlowServerCall(call, {
        ...options,
        path: method.path,
        calls: isInfrastructure(method.path) ? infrastructure : calls,
        maxConcurrentCalls: isInfrastructure(method.path) ? Infinity : options.maxConcurrentCalls,
        duration,
      }),
    active: {
      end: () => calls.forEach((call) => call.stop(unavailable)),
      endInfrastructure: () => infrastructure.forEach((call) => call.stop(unavailable)),
    },
  };
}

interface CallEnvironment extends ServerCallOptions {
  readonly path: string;
  /** Calls in progress that this one counts among. */
  readonly calls: Set<FlowServerCall>;
  readonly duration: Histogram;
}

class FlowServerCall extends ServerInterceptingCall {
  readonly path: string;
  readonly #env: CallEnvironment;
  readonly #next: ServerInterceptingCallInterface;
  readonly #abort = new AbortController();
  readonly #startedAt: number;
  readonly #deadline: number;
  #timer: NodeJS.Timeout | undefined;
  #span: Span | undefined;
  #state: CallState | undefined;
  #sent: { code: number; reason: string } | undefined;

  constructor(next: ServerInterceptingCallInterface, env: CallEnvironment) {
    super(next);
    this.path = env.path;
    this.#env = env;
    this.#next = next;
    this.#startedAt = env.now();
    const asked = Number(next.getDeadline());
    this.#deadline = Number.isFinite(asked) ? asked : this.#startedAt + env.defaultDeadlineMs(env.path);
    this.#watchStatus();
  }

  override getDeadline(): number {
    return this.#deadline;
  }

  override start(listener: Parameters<ServerInterceptingCall['start']>[0]): void {
    super.start({
      onReceiveMetadata: (metadata) => {
        if (this.#open(metadata)) listener.onReceiveMetadata(metadata);
      },
      onReceiveMessage: (message) => listener.onReceiveMessage(message),
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => {
        this.#close();
        listener.onCancel();
      },
    });
  }

  /** Ends the call with `error`, whatever its handler is doing. */
  stop(error: FlowError): void {
    this.#next.sendStatus(encodeStatus(error));
  }

  /** Lets the call in, or refuses it. */
  #open(metadata: Metadata): boolean {
    const env = this.#env;
    const path = this.path;
    const parent = contextFromHeaders(traceHeaders(metadata));
    const [service, method] = path.slice(1).split('/');
    this.#span = startSpan(path.slice(1), {
      kind: SpanKind.SERVER,
      parent,
      attributes: {
        [Attribute.rpcSystem]: 'grpc',
        [Attribute.rpcService]: service ?? '',
        [Attribute.rpcMethod]: method ?? '',
      },
    });
    try {
      const identity = this.#identify(metadata);
      if (env.calls.size >= env.maxConcurrentCalls) throw tooManyCalls(env.maxConcurrentCalls);
      env.calls.add(this);
      this.#arm();
      this.#span.setAttribute(Attribute.tenant, identity.tenant);
      const context: CallContext = {
        signal: this.#abort.signal,
        deadline: this.#deadline,
        tenant: identity.tenant,
        identity,
        metadata,
        logger: env.logger.child({ [LogField.method]: path.slice(1), [LogField.tenant]: identity.tenant }),
        path,
        trace: trace.setSpan(parent, this.#span),
        draining: env.draining,
      };
      this.#state = { context, handled: false };
      putCallState(metadata, this.#state);
      return true;
    } catch (error) {
      this.#next.sendStatus(statusFromError(error, env.logger));
      return false;
    }
  }

  #identify(metadata: Metadata): Identity {
    const authenticate = this.#env.authenticate(this.path);
    if (authenticate === undefined) return { name: 'anonymous', tenant: 'none', trusted: false };
    return authenticate(metadata, this.#next.getAuthContext().sslPeerCertificate);
  }

  /** Sets the timer of a default deadline; grpc-js keeps the time of deadlines that callers set. */
  #arm(): void {
    const timeoutMs = this.#deadline - this.#startedAt;
    if (Number.isFinite(Number(this.#next.getDeadline())) || timeoutMs > maxTimerMs) return;
    this.#timer = setTimeout(() => this.stop(deadlineExceeded({ path: this.path, timeoutMs })), timeoutMs);
  }

  /**
   * Sees every status on its way to the caller. grpc-js sends those of its own
   * (limits, deadlines, bad messages) from the innermost call, past all
   * interceptors, so that only this method of that call sees them all.
   */
  #watchStatus(): void {
    const next = this.#next;
    const send = next.sendStatus.bind(next);
    next.sendStatus = (plain) => {
      const sent = this.#explain(plain);
      this.#sent ??= { code: sent.code, reason: reasonOf(sent) };
      if (sent.code !== status.OK) this.#abortWith(sent);
      send(sent);
    };
  }

  #explain(plain: PlainStatus): SentStatus {
    const code = plain.code ?? status.UNKNOWN;
    if (code === status.OK || hasDetails(plain.metadata))
      return { code, details: plain.details ?? '', metadata: plain.metadata ?? null };
    const facts = { path: this.path, timeoutMs: this.#deadline - this.#startedAt };
    const error = explainStatus({ code, details: plain.details ?? '' }, facts);
    if (error.code === 'INTERNAL') {
      this.#env.logger.error(
        { [LogField.method]: this.path.slice(1), details: plain.details },
        'the call failed inside gRPC',
      );
    }
    return encodeStatus(error);
  }

  #abortWith(sent: SentStatus): void {
    if (this.#state === undefined || this.#state.handled || this.#abort.signal.aborted) return;
    const error = decodeStatus(sent.code, sent.details, sent.metadata);
    this.#abort.abort(error ?? new FlowError(codeOf(sent.code), codeOf(sent.code), sent.details));
  }

  /** The call is over, in whatever way. */
  #close(): void {
    const { calls, duration, now, logger } = this.#env;
    clearTimeout(this.#timer);
    calls.delete(this);
    if (this.#state !== undefined && !this.#state.handled && !this.#abort.signal.aborted)
      this.#abort.abort(callCancelled());
    const code = this.#sent?.code ?? status.CANCELLED;
    const reason = this.#sent?.reason ?? callCancelled().reason;
    const seconds = (now() - this.#startedAt) / 1000;
    const [service = '', method = ''] = this.path.slice(1).split('/');
    duration.record(seconds, {
      [Attribute.rpcService]: service,
      [Attribute.rpcMethod]: method,
      [Attribute.rpcStatusCode]: code,
    });
    this.#span?.setAttribute(Attribute.rpcStatusCode, code);
    if (code !== status.OK && this.#span !== undefined) {
      this.#span.setAttribute(Attribute.errorType, reason);
      failSpan(this.#span, reason);
    }
    this.#span?.end();
    if (!isInfrastructure(this.path)) {
      (this.#state?.context.logger ?? logger).debug(
        {
          [LogField.code]: code === status.OK ? 'OK' : codeOf(code),
          [LogField.reason]: reason,
          [LogField.durationMs]: Math.round(seconds * 1000),
        },
        'call finished',
      );
    }
  }
}

function reasonOf(sent: SentStatus): string {
  if (sent.code === status.OK) return '';
  return decodeStatus(sent.code, sent.details, sent.metadata)?.reason ?? codeOf(sent.code);
}

function traceHeaders(metadata: Metadata): { traceparent?: string; tracestate?: string } {
  const [traceparent] = metadata.get('traceparent');
  const [tracestate] = metadata.get('tracestate');
  return {
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
  };
}

function tooManyCalls(limit: number): FlowError {
  return new FlowError(
    'RESOURCE_EXHAUSTED',
    'TOO_MANY_CALLS',
    `this server answers at most ${limit} calls at once`,
    {
      metadata: { limit: String(limit) },
      retryAfterMs: 1000,
    },
  );
}
