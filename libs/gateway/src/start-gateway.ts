import { once } from 'node:events';
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { FlowError, waitForReady } from '@flowreasoner/rpc';
import { createGatewayApp } from './gateway-app.js';
import { defaultGatewayLimits, type GatewayLimits, type GatewayOptions } from './gateway-options.js';
import { systemClock } from './ports.js';

/** How a gateway is started. */
export interface StartGatewayOptions extends Pick<GatewayOptions, 'metaAgent' | 'keys' | 'logger'> {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Default: `llm` and `search`. */
  readonly policies?: readonly string[];
  /** Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Default: see {@link defaultGatewayLimits}. */
  readonly limits?: Partial<GatewayLimits>;
}

/** A gateway that listens. */
export interface RunningGateway {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Answers that are on their way. */
  readonly openStreams: () => number;
  /**
   * Stops: nothing new is taken, streams of events end, answers that are on their way have `graceMs`
   * to finish and are then cancelled. Later calls wait for the first one.
   */
  drain(graceMs: number): Promise<void>;
}

/** Largest head of a request, in bytes. */
const maxHeaderSize = 16_384;
/** How long a connection is kept for a next request, in milliseconds: longer than most proxies do. */
const keepAliveTimeout = 65_000;
/** Slow clients are looked for so many times within the time that they have. */
const looks = 4;
const maxConnections = 10_000;
const readyMs = 1_000;
/** How often connections that have become idle are closed while it stops, in milliseconds. */
const sweepMs = 50;
/** Time for clients to hear of the end of their streams, in milliseconds. */
const farewellMs = 500;

/**
 * Starts the gateway; resolves once it accepts requests.
 *
 * @throws FlowError UNAVAILABLE ADDRESS_UNAVAILABLE when it can't listen
 */
export async function startGateway(options: StartGatewayOptions): Promise<RunningGateway> {
  const { metaAgent, keys, logger, host, port } = options;
  const draining = new AbortController();
  const stopping = new AbortController();
  const limits = { ...defaultGatewayLimits, ...options.limits };
  const { app, slots } = createGatewayApp({
    metaAgent,
    keys,
    logger,
    clock: systemClock,
    limits,
    policies: options.policies ?? ['llm', 'search'],
    corsOrigins: options.corsOrigins ?? [],
    draining: draining.signal,
    stopping: stopping.signal,
    isReady: () =>
      waitForReady(metaAgent, readyMs).then(
        () => true,
        () => false,
      ),
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: host,
    // Other parts of the process go on with their own Request and Response.
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.ceil(limits.headMs / looks),
      keepAliveTimeout,
      maxHeaderSize,
    },
  });
  if (!(server instanceof Server)) throw new Error('the server is not one of HTTP/1.1');
  server.maxConnections = maxConnections;
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const why = inUse ? 'another process listens on it' : String(cause);
    throw new FlowError('UNAVAILABLE', 'ADDRESS_UNAVAILABLE', `can't listen on ${host}:${port}: ${why}`, {
      cause,
    });
  });
  const { port: real } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${real}`;
  logger.info({ url }, 'listening');
  let drained: Promise<void> | undefined;
  return {
    url,
    openStreams: () => slots.open,
    drain: (graceMs) => {
      drained ??= (async () => {
        draining.abort();
        const closed = once(server, 'close');
        server.close();
        // Connections that are kept alive would stay for their next request.
        const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
        void closed.then(() => clearInterval(sweep));
        if (await settles(closed, graceMs)) return;
        stopping.abort(new FlowError('UNAVAILABLE', 'GATEWAY_STOPPING', 'The gateway is about to stop.'));
        if (await settles(closed, farewellMs)) return;
        server.closeAllConnections();
        await closed;
      })();
      return drained;
    },
  };
}

/** Whether something happens within `ms`. */
async function settles(event: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const cancel = systemClock.after(ms, () => late.resolve(false));
  const done = await Promise.race([event.then(() => true), late.promise]);
  cancel();
  return done;
}
