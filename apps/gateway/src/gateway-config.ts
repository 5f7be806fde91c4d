import { gatewaySettings } from '@flowreasoner/gateway';
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
  maxMessageBytes: count(1024, 268_435_456)
    .default(8 * 1024 * 1024)
    .describe('largest message of the meta-agent'),
  ...gatewaySettings(),
  drainMs: count(0, 3_600_000).default(30_000).describe('time for answers to finish on SIGTERM'),
});
