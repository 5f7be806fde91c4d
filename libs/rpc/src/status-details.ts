import { Metadata } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, Help, RetryInfo, Status } from '@flowreasoner/contracts/google';
import { codeOf, statusOf } from './codes.js';
import { FlowError } from './flow-error.js';
import type { FieldViolation, FlowErrorOptions } from './flow-error.js';

/** The `domain` of every ErrorInfo. */
const errorDomain = 'flowreasoner';

/** Trailer that carries a google.rpc.Status, as gRPC's richer error model has it. */
const detailsKey = 'grpc-status-details-bin';

const typePrefix = 'type.googleapis.com/';

/**
 * What an error may take up. Peers cap all headers of a response at 8 KiB or
 * little more and drop the response as a whole beyond that.
 */
const limits = { message: 1000, text: 500, violations: 20, metadataEntries: 20, encodedBytes: 4096 };

/** What grpc-js wants of an error: code, message and trailers. */
export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/**
 * Turns an error into a gRPC status with a google.rpc.Status in its trailers:
 * ErrorInfo always, BadRequest, RetryInfo and Help where the error has field
 * violations, a delay and a hint. Long texts are cut to fit into trailers.
 */
export function encodeStatus(error: FlowError): GrpcStatus {
  const message = clip(error.message, limits.message);
  const metadata = new Metadata();
  let details = detailsOf(error);
  let encoded = encodeDetails(error, message, details);
  while (encoded.byteLength > limits.encodedBytes && details.length > 1) {
    details = details.slice(0, -1);
    encoded = encodeDetails(error, message, details);
  }
  if (encoded.byteLength <= limits.encodedBytes) metadata.set(detailsKey, encoded);
  return { code: statusOf(error.code), details: message, metadata };
}

/**
 * Reads the google.rpc.Status from a response's trailers.
 *
 * @returns the error as the server threw it, or undefined where the trailers hold none that can be read
 */
export function decodeStatus(
  code: number,
  message: string,
  metadata: Metadata | null | undefined,
): FlowError | undefined {
  const [encoded] = metadata?.get(detailsKey) ?? [];
  if (!Buffer.isBuffer(encoded)) return undefined;
  try {
    return errorFrom(code, message, Status.decode(encoded));
  } catch {
    return undefined;
  }
}

/** Whether trailers hold a google.rpc.Status. */
export function hasDetails(metadata: Metadata | null | undefined): boolean {
  return metadata !== null && metadata !== undefined && metadata.get(detailsKey).length > 0;
}

interface Detail {
  readonly typeUrl: string;
  readonly value: Buffer;
}

/** The details of an error, the most important one first. */
function detailsOf(error: FlowError): Detail[] {
  const { metadata = {}, fieldViolations = [], retryAfterMs, hint } = error.options;
  const info = ErrorInfo.fromPartial({
    reason: error.reason,
    domain: errorDomain,
    metadata: Object.fromEntries(
      Object.entries(metadata)
        .slice(0, limits.metadataEntries)
        .map(([key, value]) => [key, clip(value, limits.text)]),
    ),
  });
  const details = [detail('google.rpc.ErrorInfo', ErrorInfo.encode(info).finish())];
  if (retryAfterMs !== undefined) {
    const retry = RetryInfo.fromPartial({ retryDelay: durationOf(retryAfterMs) });
    details.push(detail('google.rpc.RetryInfo', RetryInfo.encode(retry).finish()));
  }
  if (hint !== undefined) {
    const help = Help.fromPartial({ links: [{ description: clip(hint, limits.text), url: '' }] });
    details.push(detail('google.rpc.Help', Help.encode(help).finish()));
  }
  if (fieldViolations.length > 0) {
    const request = BadRequest.fromPartial({
      fieldViolations: fieldViolations.slice(0, limits.violations).map(({ field, description }) => ({
        field: clip(field, limits.text),
        description: clip(description, limits.text),
      })),
    });
    details.push(detail('google.rpc.BadRequest', BadRequest.encode(request).finish()));
  }
  return details;
}

function detail(type: string, value: Uint8Array): Detail {
  return { typeUrl: typePrefix + type, value: Buffer.from(value) };
}

function encodeDetails(error: FlowError, message: string, details: readonly Detail[]): Buffer {
  const status = Status.fromPartial({ code: statusOf(error.code), message, details: [...details] });
  return Buffer.from(Status.encode(status).finish());
}

function durationOf(ms: number): { seconds: bigint; nanos: number } {
  const whole = Math.max(0, Math.ceil(ms));
  return { seconds: BigInt(Math.floor(whole / 1000)), nanos: (whole % 1000) * 1e6 };
}

function errorFrom(code: number, message: string, status: Status): FlowError | undefined {
  let reason: string | undefined;
  let options: { -readonly [K in keyof FlowErrorOptions]: FlowErrorOptions[K] } = {};
  for (const { typeUrl, value } of status.details) {
    switch (typeUrl.slice(typePrefix.length)) {
      case 'google.rpc.ErrorInfo': {
        const info = ErrorInfo.decode(value);
        reason = info.reason;
        options = { ...options, metadata: info.metadata };
        break;
      }
      case 'google.rpc.BadRequest':
        options.fieldViolations = BadRequest.decode(value).fieldViolations.map(violationOf);
        break;
      case 'google.rpc.RetryInfo': {
        const delay = RetryInfo.decode(value).retryDelay;
        if (delay !== undefined) options.retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
        break;
      }
      case 'google.rpc.Help': {
        const hint = Help.decode(value).links[0]?.description;
        if (hint !== undefined) options.hint = hint;
        break;
      }
    }
  }
  return reason === undefined
    ? undefined
    : new FlowError(codeOf(code), reason, status.message || message, options);
}

function violationOf({ field, description }: FieldViolation): FieldViolation {
  return { field, description };
}

/** Cuts text and makes it valid Unicode: trailers cannot carry lone surrogates. */
function clip(text: string, length: number): string {
  return (text.length > length ? `${text.slice(0, length - 1)}…` : text).toWellFormed();
}
