import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { secret } from '@flowreasoner/config';
import type { Secret } from '@flowreasoner/config';
import { parseAddress } from './address.js';
import { defaultTenant, parseTokenFile } from './auth.js';
import type { AuthOptions } from './auth.js';
import type { ClientOptions } from './client.js';
import { FlowError } from './flow-error.js';
import type { ServerOptions } from './server.js';

const address = z.string().refine(isAddress, 'must be unix:PATH or HOST:PORT');
const file = z.string().optional();

/**
 * The part of a service's configuration that its server reads, to be spread
 * into the service's schema: `z.object({ ...serverSettings('0.0.0.0:50051') })`.
 */
export function serverSettings(defaultAddress: string) {
  return {
    address: address.default(defaultAddress).describe('where to listen, unix:PATH or HOST:PORT'),
    defaultDeadlineMs: z
      .number()
      .int()
      .min(1)
      .max(86_400_000)
      .default(60_000)
      .describe('for calls without a deadline'),
    maxMessageBytes: z
      .number()
      .int()
      .min(1024)
      .max(268_435_456)
      .default(4_194_304)
      .describe('largest message'),
    maxConcurrentCalls: z.number().int().min(1).max(100_000).default(1000).describe('calls at once'),
    drainMs: z
      .number()
      .int()
      .min(0)
      .max(3_600_000)
      .default(10_000)
      .describe('time for calls to finish on SIGTERM'),
    tlsCertFile: file.describe('PEM file of the certificate'),
    tlsKeyFile: file.describe('PEM file of its key'),
    tlsClientCaFile: file.describe(
      'PEM file of the authorities of client certificates; set, clients must show one',
    ),
    tokensFile: file.describe('file of bearer tokens: TOKEN TENANT [service] a line'),
    subjectTenants: z
      .record(z.string(), z.string())
      .default({})
      .describe('tenants by client certificate name'),
    serviceSubjects: z.array(z.string()).default([]).describe('client certificate names of our own services'),
  };
}

/** What {@link serverSettings} yields. */
export type ServerSettings = z.output<z.ZodObject<ReturnType<typeof serverSettings>>>;

/**
 * The options of `startServer` that follow from a service's configuration.
 *
 * @throws FlowError INVALID_ARGUMENT where files cannot be read or do not fit together
 */
export function serverOptions(
  settings: ServerSettings,
): Pick<
  ServerOptions,
  'address' | 'defaultDeadlineMs' | 'maxMessageBytes' | 'maxConcurrentCalls' | 'auth' | 'tls'
> {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = settings;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'TLS_INVALID',
      'TLS needs both a certificate file and a key file',
    );
  }
  return {
    address: settings.address,
    defaultDeadlineMs: settings.defaultDeadlineMs,
    maxMessageBytes: settings.maxMessageBytes,
    maxConcurrentCalls: settings.maxConcurrentCalls,
    auth: authOptions(settings),
    ...(tlsCertFile === undefined || tlsKeyFile === undefined
      ? {}
      : {
          tls: {
            certFile: tlsCertFile,
            keyFile: tlsKeyFile,
            ...(tlsClientCaFile === undefined ? {} : { clientCaFile: tlsClientCaFile }),
          },
        }),
  };
}

function authOptions({ tokensFile, subjectTenants, serviceSubjects }: ServerSettings): AuthOptions {
  return {
    tokens: tokensFile === undefined ? [] : parseTokenFile(readText(tokensFile)),
    subjects: [
      ...Object.entries(subjectTenants).map(([subject, tenant]) => ({ subject, tenant })),
      ...serviceSubjects.map((subject) => ({ subject, tenant: defaultTenant, trusted: true })),
    ],
  };
}

/** The part of a service's configuration that a client of another service reads, as a group of its schema. */
export function clientSettings(defaultAddress: string) {
  return z.object({
    address: z
      .array(z.string().refine((text) => isAddress(text.replace(/^dns:\/\/\//, '')), 'must be an address'))
      .min(1)
      .default([defaultAddress])
      .describe('unix:PATH, HOST:PORT or dns:///HOST:PORT; several are called in turn'),
    tlsCaFile: file.describe('PEM file of the authorities of the server certificate; set, TLS is used'),
    tlsCertFile: file.describe('PEM file of the certificate to show'),
    tlsKeyFile: file.describe('PEM file of its key'),
    tlsServerName: z.string().optional().describe('name that the server certificate must have'),
    token: secret().optional().describe('bearer token'),
    plaintextToken: z.boolean().default(false).describe('send the token unencrypted, for service meshes'),
  });
}

/** What {@link clientSettings} yields. */
export interface ClientSettings {
  readonly address: readonly string[];
  readonly tlsCaFile?: string | undefined;
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly token?: Secret | undefined;
  readonly plaintextToken: boolean;
}

/** The options of `createClient` that follow from a service's configuration. */
export function clientOptions(settings: ClientSettings): ClientOptions {
  const { tlsCaFile, tlsCertFile, tlsKeyFile, tlsServerName, token } = settings;
  const tls = {
    ...(tlsCaFile === undefined ? {} : { caFile: tlsCaFile }),
    ...(tlsCertFile === undefined ? {} : { certFile: tlsCertFile }),
    ...(tlsKeyFile === undefined ? {} : { keyFile: tlsKeyFile }),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
  };
  return {
    address: settings.address,
    plaintextToken: settings.plaintextToken,
    ...(token === undefined ? {} : { token: token.reveal() }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `cannot read ${path}: ${(cause as Error).message}`;
    throw new FlowError('INVALID_ARGUMENT', 'TOKEN_FILE_INVALID', message, { cause });
  }
}
