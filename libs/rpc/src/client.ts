import type { ChannelCredentials, Client, ClientOptions as GrpcClientOptions } from '@grpc/grpc-js';
import { isLocal, parseAddress } from './address.js';
import { releaseClosedStreams } from './closed-streams.js';
import { FlowError } from './flow-error.js';
import { silenceGrpcLog } from './grpc-log.js';
import { listTarget } from './list-resolver.js';
import { defaultCallDeadlineMs, defaultMaxMessageBytes } from './limits.js';
import { nameTarget } from './name-resolver.js';
import { clientCredentials } from './tls.js';
import type { ClientTlsOptions } from './tls.js';

/** A client class as ts-proto generates it. */
export type ClientConstructor<C extends Client> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<GrpcClientOptions>,
) => C;

/** How a client reaches its service. */
export interface ClientOptions {
  /**
   * `unix:PATH`, `HOST:PORT`, or `dns:///HOST:PORT`; or several of the first
   * two. Calls go round all servers that the name or the list gives.
   */
  readonly address: string | readonly string[];
  readonly tls?: ClientTlsOptions;
  /** Bearer token; refused over plain text to other machines unless `plaintextToken` is set. */
  readonly token?: string;
  /** Allows the token to travel unencrypted, for meshes that encrypt by themselves. Default false. */
  readonly plaintextToken?: boolean;
  /** Time for a call that is given none, in milliseconds. Default 60 000. */
  readonly defaultDeadlineMs?: number;
  /** Largest message either way, in bytes. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Greatest number of tries for a call that ends with UNAVAILABLE before any response, at most 5. Default 4. */
  readonly maxAttempts?: number;
  /** Idle time after which a connection with calls on it is probed, in milliseconds. Default 30 000. */
  readonly keepaliveMs?: number;
}

/** What calls on a client need to know about it. */
export interface ClientSettings {
  /** Addresses, for messages. */
  readonly peer: string;
  readonly token: string | undefined;
  readonly defaultDeadlineMs: number;
}

const settings = new WeakMap<Client, ClientSettings>();

/**
 * Creates a client of a generated class: `createClient(SandboxServiceClient,
 * { address })`. It connects on its first call; `close()` ends it.
 *
 * @throws FlowError INVALID_ARGUMENT for a malformed address, an unreadable certificate or a token that would travel unencrypted
 */
export function createClient<C extends Client>(constructor: ClientConstructor<C>, options: ClientOptions): C {
  silenceGrpcLog();
  releaseClosedStreams();
  const addresses = typeof options.address === 'string' ? [options.address] : options.address;
  if (addresses.length === 0)
    throw new FlowError('INVALID_ARGUMENT', 'ADDRESS_INVALID', 'a client needs an address');
  refusePlaintextToken(addresses, options);
  const client = new constructor(
    targetOf(addresses),
    clientCredentials(options.tls),
    channelOptions(options),
  );
  settings.set(client, {
    peer: addresses.join(', '),
    token: options.token,
    defaultDeadlineMs: options.defaultDeadlineMs ?? defaultCallDeadlineMs,
  });
  return client;
}

/**
 * Waits until a client is connected to at least one server.
 *
 * @throws FlowError UNAVAILABLE where that takes longer than `timeoutMs`
 */
export function waitForReady(client: Client, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + timeoutMs, (error) => {
      if (error === undefined || error === null) return resolve();
      const message = `no connection to ${settingsOf(client).peer} within ${timeoutMs} ms`;
      reject(new FlowError('UNAVAILABLE', 'SERVICE_UNREACHABLE', message));
    });
  });
}

/** The settings of a client; of one that createClient did not make, the defaults. */
export function settingsOf(client: Client): ClientSettings {
  return (
    settings.get(client) ?? {
      peer: client.getChannel().getTarget(),
      token: undefined,
      defaultDeadlineMs: defaultCallDeadlineMs,
    }
  );
}

function targetOf(addresses: readonly string[]): string {
  const [first = ''] = addresses;
  if (addresses.length > 1) return listTarget(addresses);
  const name = first.replace(/^dns:\/\/\//, '');
  const parsed = parseAddress(name);
  return 'path' in parsed ? `unix:${parsed.path}` : nameTarget(name);
}

function refusePlaintextToken(addresses: readonly string[], options: ClientOptions): void {
  if (options.token === undefined || options.tls !== undefined || options.plaintextToken) return;
  const remote = addresses.find((address) => !isLocal(address));
  if (remote === undefined) return;
  throw new FlowError(
    'INVALID_ARGUMENT',
    'TOKEN_NEEDS_TLS',
    `the token would travel unencrypted to ${remote}`,
    {
      hint: 'Configure TLS, or allow it where a service mesh encrypts.',
    },
  );
}

function channelOptions(options: ClientOptions): Partial<GrpcClientOptions> {
  const limit = options.maxMessageBytes ?? defaultMaxMessageBytes;
  const { serverName } = options.tls ?? {};
  return {
    'grpc.max_receive_message_length': limit,
    'grpc.max_send_message_length': limit,
    'grpc.enable_channelz': 0,
    'grpc.keepalive_time_ms': options.keepaliveMs ?? 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5000,
    // Services are near; a proxy in the environment is meant for the outside.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.service_config': JSON.stringify(serviceConfig(options.maxAttempts ?? 4)),
    ...(serverName === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName }),
  };
}

/** https://github.com/grpc/grpc/blob/master/doc/service_config.md */
function serviceConfig(maxAttempts: number): object {
  const retryPolicy = {
    maxAttempts,
    initialBackoff: '0.1s',
    maxBackoff: '2s',
    backoffMultiplier: 2,
    retryableStatusCodes: ['UNAVAILABLE'],
  };
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [{ name: [{}], ...(maxAttempts > 1 ? { retryPolicy } : {}) }],
  };
}
