import { trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextFromHeaders, formatTraceHeaders, parseTraceHeaders } from './trace-context.js';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((text) => !/^0+$/.test(text));

describe('trace headers', () => {
  it('survive a round trip', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
        const traceparent = `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`;
        const span = parseTraceHeaders({ traceparent, tracestate: 'a=1,b=2' });
        expect(span).toMatchObject({ traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
        if (span !== undefined)
          expect(formatTraceHeaders(span)).toEqual({ traceparent, tracestate: 'a=1,b=2' });
      }),
    );
  });

  it('are ignored where they are missing, malformed, all zero or of a forbidden version', () => {
    const zeros = '0'.repeat(32);
    const ids = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
    for (const traceparent of [
      '',
      'nonsense',
      `00-${zeros}-00f067aa0ba902b7-01`,
      `ff-${ids}-01`,
      `00-${ids}-01-more`,
      `00-${ids.toUpperCase()}-01`,
    ]) {
      expect(parseTraceHeaders({ traceparent })).toBeUndefined();
      expect(trace.getSpanContext(contextFromHeaders({ traceparent }))).toBeUndefined();
    }
    expect(parseTraceHeaders({ traceparent: `01-${ids}-01-more` })).toBeDefined();
  });
});
