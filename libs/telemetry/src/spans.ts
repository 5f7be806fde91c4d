import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, SpanKind } from '@opentelemetry/api';

/** How a span is created. */
export interface SpanOptions {
  readonly attributes?: Attributes;
  readonly kind?: SpanKind;
  /** Context whose span becomes the parent. Default: the active one. */
  readonly parent?: Context;
}

const instrumentation = '@flowreasoner';

/** Starts a span that the caller must end. Without an exporter this costs next to nothing. */
export function startSpan(name: string, options: SpanOptions = {}): Span {
  return trace.getTracer(instrumentation).startSpan(
    name,
    {
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      ...(options.kind === undefined ? {} : { kind: options.kind }),
    },
    options.parent ?? context.active(),
  );
}

/**
 * Runs `work` inside a new span, which is active for everything `work` calls,
 * records a thrown error on it and ends it.
 */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = startSpan(name, options);
  try {
    return await context.with(trace.setSpan(options.parent ?? context.active(), span), () => work(span));
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span as failed by `error`; only the message is kept, it may be seen by other tenants' operators. */
export function failSpan(span: Span, error: unknown): void {
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: error instanceof Error ? error.message : String(error),
  });
}
