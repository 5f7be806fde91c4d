import { readFileSync } from 'node:fs';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { FlowError } from './flow-error.js';

/** Certificates of a server; every value is the path of a PEM file. */
export interface ServerTlsOptions {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of client certificates. Set: every client must show one (mTLS). */
  readonly clientCaFile?: string;
}

/** Certificates of a client; every value is the path of a PEM file. */
export interface ClientTlsOptions {
  /** Authorities of server certificates. Default: those of Node. */
  readonly caFile?: string;
  /** Certificate and key to show to the server (mTLS); both or none. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Name that the server's certificate must have. Default: the host of the address. */
  readonly serverName?: string;
}

/**
 * Reads a server's certificates; without options the server speaks plain text.
 *
 * @throws FlowError INVALID_ARGUMENT where a file cannot be read or does not fit
 */
export function serverCredentials(tls: ServerTlsOptions | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: readPem(tls.certFile), private_key: readPem(tls.keyFile) };
  const clientCa = tls.clientCaFile === undefined ? null : readPem(tls.clientCaFile);
  return ServerCredentials.createSsl(clientCa, [pair], clientCa !== null);
}

/**
 * Reads a client's certificates; without options the client speaks plain text.
 *
 * @throws FlowError INVALID_ARGUMENT where a file cannot be read or does not fit
 */
export function clientCredentials(tls: ClientTlsOptions | undefined): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new FlowError('INVALID_ARGUMENT', 'TLS_INVALID', 'a client certificate needs certFile and keyFile');
  }
  return ChannelCredentials.createSsl(
    tls.caFile === undefined ? null : readPem(tls.caFile),
    tls.keyFile === undefined ? null : readPem(tls.keyFile),
    tls.certFile === undefined ? null : readPem(tls.certFile),
  );
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'TLS_INVALID',
      `cannot read ${path}: ${(cause as Error).message}`,
      { cause },
    );
  }
}
