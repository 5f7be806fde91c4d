import { z } from 'zod';
import { defaultGatewayLimits, type GatewayLimits } from './gateway-options.js';

const count = (least: number, greatest: number) => z.number().int().min(least).max(greatest);

/** The part of a configuration that says who may ask a gateway how much. */
export function gatewaySettings() {
  return {
    corsOrigins: z
      .array(z.string().regex(/^https?:\/\/[^/]+$/, 'must be origins such as https://app.example'))
      .default([])
      .describe('origins whose pages may call'),
    maxBodyBytes: count(1024, 67_108_864)
      .default(defaultGatewayLimits.maxBodyBytes)
      .describe('largest body of a request'),
    requestsPerMinute: count(1, 1_000_000)
      .default(defaultGatewayLimits.requestsPerMinute)
      .describe('requests a minute of each API key'),
    maxStreams: count(1, 100_000)
      .default(defaultGatewayLimits.maxStreams)
      .describe('answers on their way at once'),
    maxStreamsPerKey: count(1, 100_000)
      .default(defaultGatewayLimits.maxStreamsPerKey)
      .describe('answers on their way at once of each API key'),
    keyCacheMs: count(0, 300_000)
      .default(defaultGatewayLimits.keyCacheMs)
      .describe('how long a verified key is believed: a revoked one works for so long'),
  };
}

/** Options of `startGateway` out of a configuration with {@link gatewaySettings}. */
export function gatewaySettingsOf({
  corsOrigins,
  maxBodyBytes,
  requestsPerMinute,
  maxStreams,
  maxStreamsPerKey,
  keyCacheMs,
}: z.infer<z.ZodObject<ReturnType<typeof gatewaySettings>>>): {
  readonly corsOrigins: readonly string[];
  readonly limits: Partial<GatewayLimits>;
} {
  const limits = { maxBodyBytes, requestsPerMinute, maxStreams, maxStreamsPerKey, keyCacheMs };
  return { corsOrigins, limits };
}
