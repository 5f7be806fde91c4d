import type { KeyServiceClient, MetaAgentServiceClient } from '@flowreasoner/contracts/metaagent';
import type { Logger } from '@flowreasoner/telemetry';
import type { Clock } from './ports.js';

/** Limits of a gateway; see {@link defaultGatewayLimits}. */
export interface GatewayLimits {
  /** Largest body of a request, in bytes. */
  readonly maxBodyBytes: number;
  /** Requests a minute of each API key. */
  readonly requestsPerMinute: number;
  /** Answers on their way at once, of all keys and of each. */
  readonly maxStreams: number;
  readonly maxStreamsPerKey: number;
  /** Silence after which a stream sends a comment, in milliseconds. */
  readonly heartbeatMs: number;
  /** Time within which a client has to take what was sent, in milliseconds. */
  readonly stallMs: number;
  /** Time within which a client has to send the head of a request, and all of it, in milliseconds. */
  readonly headMs: number;
  readonly requestMs: number;
  /** How long a verified key is believed, in milliseconds: a revoked one works for so long. */
  readonly keyCacheMs: number;
}

/** Limits where nothing else is configured. */
export const defaultGatewayLimits: GatewayLimits = {
  maxBodyBytes: 2 * 1024 * 1024,
  requestsPerMinute: 600,
  maxStreams: 1_000,
  maxStreamsPerKey: 100,
  heartbeatMs: 10_000,
  stallMs: 60_000,
  headMs: 10_000,
  requestMs: 30_000,
  keyCacheMs: 10_000,
};

/** What the gateway's app is made of. */
export interface GatewayOptions {
  readonly metaAgent: MetaAgentServiceClient;
  readonly keys: KeyServiceClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: GatewayLimits;
  /** Policies that the list of models names. */
  readonly policies: readonly string[];
  /** Origins whose pages may call; none by default. */
  readonly corsOrigins: readonly string[];
  /** Whether requests are to be sent here. */
  readonly isReady: () => Promise<boolean>;
  /** Aborts when the gateway is about to stop: streams that clients can resume end at once. */
  readonly draining: AbortSignal;
  /** Aborts when the time for answers that are on their way is over. */
  readonly stopping: AbortSignal;
}
