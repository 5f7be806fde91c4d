import { Server } from '@grpc/grpc-js';
import type { ServerOptions as GrpcServerOptions } from '@grpc/grpc-js';
import { silentLogger } from '@flowreasoner/telemetry';
import type { Logger } from '@flowreasoner/telemetry';
import { parseAddress } from './address.js';
import { createAuthenticator } from './auth.js';
import type { AuthOptions } from './auth.js';
import { silenceGrpcLog } from './grpc-log.js';
import { addHealth, healthService } from './health.js';
import { defaultCallDeadlineMs, defaultMaxMessageBytes } from './limits.js';
import { listen } from './listen.js';
import { addReflection } from './reflection/reflection.js';
import { isInfrastructure, serverCalls } from './server-call.js';
import type { ActiveCalls } from './server-call.js';
import type { Service } from './service.js';
import { serverCredentials } from './tls.js';
import type { ServerTlsOptions } from './tls.js';

/** How a server is started; times are in milliseconds. */
export interface ServerOptions {
  /** `unix:PATH` or `HOST:PORT`; port 0 takes a free one. */
  readonly address: string;
  readonly services: readonly Service[];
  readonly logger?: Logger;
  /** Time for a call that comes without a deadline. Default 60 000. */
  readonly defaultDeadlineMs?: number;
  /** Other times for single methods, by full name (`/package.Service/Method`); Infinity for none. */
  readonly deadlinesMs?: Readonly<Record<string, number>>;
  /** Largest message either way, in bytes. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Greatest number of calls at once. Default 1000. */
  readonly maxConcurrentCalls?: number;
  readonly auth?: AuthOptions;
  readonly tls?: ServerTlsOptions;
  /** Whether the server counts as healthy from the start. Default true. */
  readonly serving?: boolean;
  /** Whether tools may ask for the contracts. Default true. */
  readonly reflection?: boolean;
  /** Idle time after which a TCP connection is probed. Default 30 000. */
  readonly keepaliveMs?: number;
}

/** A server that answers calls. */
export interface RunningServer {
  /** Address with the real port. */
  readonly address: string;
  /** Aborts when the server begins to drain. */
  readonly draining: AbortSignal;
  /** Sets what health checks report for the server and all its services. */
  setServing(serving: boolean): void;
  /**
   * Stops: health says NOT_SERVING, new calls are refused, calls in progress
   * have `graceMs` to finish (default 10 000), then they end with UNAVAILABLE.
   * Later calls of drain wait for the first one.
   */
  drain(graceMs?: number): Promise<void>;
}

const defaults = {
  concurrentCalls: 1000,
  keepaliveMs: 30_000,
  graceMs: 10_000,
};

/** Time between telling calls to end and cutting connections, and for these to go, in milliseconds. */
const cutAfterMs = 500;

/**
 * Starts a gRPC server with everything a service of ours needs: health,
 * reflection, default deadlines, limits, identities, traces and errors with
 * details. Resolves once it accepts calls.
 *
 * @throws FlowError where the address, a certificate or a token is of no use
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  silenceGrpcLog();
  const logger = options.logger ?? silentLogger();
  const draining = new AbortController();
  const authenticate = createAuthenticator(options.auth);
  const { interceptor, active } = serverCalls({
    logger,
    authenticate: (path) => (path.startsWith('/grpc.health.') ? undefined : authenticate),
    defaultDeadlineMs: (path) =>
      options.deadlinesMs?.[path] ??
      (isInfrastructure(path) ? Infinity : (options.defaultDeadlineMs ?? defaultCallDeadlineMs)),
    maxConcurrentCalls: options.maxConcurrentCalls ?? defaults.concurrentCalls,
    draining: draining.signal,
    now: Date.now,
  });
  const server = new Server({ ...channelOptions(options), interceptors: [interceptor] });
  for (const { definition, implementation } of options.services)
    server.addService(definition, implementation);
  const names = options.services.map(({ name }) => name);
  const health = await addHealth(server, names, options.serving ?? true);
  if (options.reflection ?? true) {
    addReflection(server, {
      services: [...names, healthService],
      files: async () => {
        const [{ descriptorSet }, { splitDescriptorSet }, { healthFile }] = await Promise.all([
          import('@flowreasoner/contracts/descriptors'),
          import('./reflection/file-index.js'),
          import('./reflection/health-file.js'),
        ]);
        return [...splitDescriptorSet(descriptorSet()), healthFile()];
      },
    });
  }
  const listening = await listen(server, options.address, serverCredentials(options.tls));
  logger.info({ address: listening.address, services: names }, 'listening');

  let drained: Promise<void> | undefined;
  return {
    address: listening.address,
    draining: draining.signal,
    setServing: (serving) => {
      if (!draining.signal.aborted) health.set(serving);
    },
    drain: (graceMs = defaults.graceMs) => {
      drained ??= (async () => {
        health.set(false);
        draining.abort();
        listening.release();
        await shutDown(server, active, graceMs);
        logger.info({ address: listening.address }, 'drained');
      })();
      return drained;
    },
  };
}

function channelOptions(options: ServerOptions): GrpcServerOptions {
  const limit = options.maxMessageBytes ?? defaultMaxMessageBytes;
  const limits = {
    'grpc.max_receive_message_length': limit,
    'grpc.max_send_message_length': limit,
    // Nobody reads its counters, which every call would pay for.
    'grpc.enable_channelz': 0,
  };
  if ('path' in parseAddress(options.address)) return limits;
  return {
    ...limits,
    'grpc.keepalive_time_ms': options.keepaliveMs ?? defaults.keepaliveMs,
    'grpc.keepalive_timeout_ms': 10_000,
  };
}

async function shutDown(server: Server, active: ActiveCalls, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  active.endInfrastructure();
  if (await settles(closed, graceMs)) return;
  active.end();
  if (await settles(closed, cutAfterMs)) return;
  server.forceShutdown();
  // A peer that has connected and never spoken is no session yet, and nothing closes it.
  await settles(closed, cutAfterMs);
}

/** Whether `work` is done within `ms`. */
async function settles(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return done;
}
