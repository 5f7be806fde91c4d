import { createTraceState, isSpanContextValid, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context, SpanContext } from '@opentelemetry/api';

/** The two headers of the W3C Trace Context recommendation. */
export interface TraceHeaders {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** Longest `tracestate` that is passed on, in characters (the recommendation's least upper bound). */
const maxTraceState = 512;

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads `traceparent` and `tracestate` (https://www.w3.org/TR/trace-context/).
 *
 * @returns the remote span, or undefined where the headers are missing or malformed
 */
export function parseTraceHeaders(headers: TraceHeaders): SpanContext | undefined {
  const match = traceparentPattern.exec(headers.traceparent?.trim() ?? '');
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '00', rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  const state = headers.tracestate;
  const span: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(state === undefined || state.length > maxTraceState ? {} : { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(span) ? span : undefined;
}

/** Writes the headers that make the given span the parent of what the callee does. */
export function formatTraceHeaders(span: SpanContext): TraceHeaders {
  if (!isSpanContextValid(span)) return {};
  const flags = (span.traceFlags & 1).toString(16).padStart(2, '0');
  const state = span.traceState?.serialize();
  return {
    traceparent: `00-${span.traceId}-${span.spanId}-${flags}`,
    ...(state ? { tracestate: state } : {}),
  };
}

/** A context whose parent span is the one named by the headers, if they name one. */
export function contextFromHeaders(headers: TraceHeaders): Context {
  const span = parseTraceHeaders(headers);
  return span === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, span);
}
