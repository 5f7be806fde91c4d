import { defaultGatewayLimits } from '@flowreasoner/gateway';
import { clientSettings } from '@flowreasoner/rpc';
import { z } from 'zod';

const count = (least: number, greatest: number) => z.number().int().min(least).max(greatest);

/** Configuration of the gateway; variables begin with FLOW_GATEWAY. */
export const gatewayConfigSchema = z.object({
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  port: count(0, 65_535).default(8080).describe('port to listen on'),
  metaAgent: clientSettings('127.0.0.1:7101').prefault({}),
  policies: z
    .array(z.string().regex(/^[a-z0-9:_-]{1,64}$/, 'must be names of policies'))
    .default(['llm', 'search'])
    .describe('policies that the list of models names'),
  corsOrigins: z
    .array(z.string().regex(/^https?:\/\/[^/]+$/, 'must be origins such as https://app.example'))
    .default([])
    .describe('origins whose pages may call'),
  maxMessageBytes: count(1024, 268_435_456)
    .default(8 * 1024 * 1024)
    .describe('largest message of the meta-agent'),
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
  drainMs: count(0, 3_600_000).default(30_000).describe('time for answers to finish on SIGTERM'),
});
