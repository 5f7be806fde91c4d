import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowError } from './flow-error.js';
import type { FlowErrorCode } from './flow-error.js';
import { codeOf, statusOf } from './codes.js';
import { decodeStatus, encodeStatus } from './status-details.js';

const codes: FlowErrorCode[] = [
  'CANCELLED',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
];

function roundTrip(error: FlowError): FlowError | undefined {
  const { code, details, metadata } = encodeStatus(error);
  return decodeStatus(code, details, metadata);
}

describe('codes', () => {
  it('are those of google.rpc.Code, both ways', () => {
    expect(codes.map(statusOf)).toEqual([1, 3, 4, 5, 6, 7, 16, 8, 9, 10, 11, 12, 13, 14, 15]);
    for (const code of codes) expect(codeOf(statusOf(code))).toBe(code);
    expect([codeOf(2), codeOf(99)]).toEqual(['INTERNAL', 'INTERNAL']);
  });
});

describe('a status with details', () => {
  const short = fc.string({ maxLength: 40, unit: 'grapheme' });

  it('keeps everything that is short', () => {
    const options = fc.record(
      {
        // What google.rpc.ErrorInfo allows: a letter comes first.
        metadata: fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,19}$/), short, {
          maxKeys: 5,
          noNullPrototype: true,
        }),
        fieldViolations: fc.array(fc.record({ field: short, description: short }), {
          minLength: 1,
          maxLength: 5,
        }),
        retryAfterMs: fc.nat(10_000_000),
        hint: short,
      },
      { requiredKeys: ['metadata'] },
    );
    const reason = fc.stringMatching(/^[A-Z][A-Z_]{2,30}$/);
    fc.assert(
      fc.property(fc.constantFrom(...codes), reason, short, options, (code, name, message, given) => {
        const error = roundTrip(new FlowError(code, name, message, given));
        expect(error).toMatchObject({ code, reason: name, options: given });
        expect(error?.message).toBe(message);
      }),
    );
  });

  it('fits into trailers whatever it is made of', () => {
    const long = fc.string({ maxLength: 5000, unit: 'binary' });
    const options = fc.record({
      metadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), long, {
        maxKeys: 30,
        noNullPrototype: true,
      }),
      fieldViolations: fc.array(fc.record({ field: long, description: long }), { maxLength: 40 }),
      hint: long,
    });
    fc.assert(
      fc.property(long, options, (message, given) => {
        const { details, metadata } = encodeStatus(new FlowError('INTERNAL', 'REASON', message, given));
        expect(() => encodeURI(details)).not.toThrow();
        expect(details.length).toBeLessThanOrEqual(1000);
        const [bytes] = metadata.get('grpc-status-details-bin');
        expect(bytes?.length).toBeLessThanOrEqual(4096);
        const error = roundTrip(new FlowError('INTERNAL', 'REASON', message, given));
        expect(error?.reason).toBe('REASON');
      }),
      { numRuns: 20 },
    );
  });

  it('loses the one name that objects of JavaScript treat apart, and touches no prototype', () => {
    const metadata = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
    const error = roundTrip(new FlowError('INTERNAL', 'REASON', 'message', { metadata }));
    expect(Object.entries(error?.options.metadata ?? {})).toEqual([['constructor', 'y']]);
    expect(Object.getPrototypeOf(error?.options.metadata)).toBe(Object.prototype);
  });

  it('carries text that is not valid Unicode', () => {
    const { details } = encodeStatus(new FlowError('INTERNAL', 'REASON', 'half \ud83d', { hint: '\udc00' }));
    expect(details).toBe('half \ufffd');
    expect(roundTrip(new FlowError('INTERNAL', 'REASON', 'half \ud83d'))?.message).toBe('half \ufffd');
  });

  it('is not found in trailers that hold none, or nonsense', () => {
    const { metadata } = encodeStatus(new FlowError('INTERNAL', 'REASON', 'x'));
    metadata.set('grpc-status-details-bin', Buffer.from([0x0a, 0xff]));
    expect(decodeStatus(13, 'x', metadata)).toBeUndefined();
    metadata.remove('grpc-status-details-bin');
    expect(decodeStatus(13, 'x', metadata)).toBeUndefined();
    expect(decodeStatus(13, 'x', undefined)).toBeUndefined();
  });
});
