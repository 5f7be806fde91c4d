import { FlowError } from './flow-error.js';

/** An address as a socket needs it. */
export type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** Longest path of a unix socket, in bytes (sun_path on Linux is 108 with its terminator; macOS has 104). */
export const maxSocketPath = 103;

/**
 * Reads `unix:/path/to/socket` or `host:port` (`[::1]:50051` for IPv6).
 *
 * @throws FlowError INVALID_ARGUMENT with reason ADDRESS_INVALID
 */
export function parseAddress(address: string): SocketAddress {
  if (address.startsWith('unix:')) {
    const path = address.replace(/^unix:(\/\/(?=\/))?/, '');
    if (path === '') throw invalid(address, 'names no path');
    if (Buffer.byteLength(path) > maxSocketPath) {
      throw invalid(
        address,
        `has a path of more than ${maxSocketPath} bytes, the longest a unix socket can have`,
      );
    }
    return { path };
  }
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65_535)) throw invalid(address, 'is neither unix:PATH nor HOST:PORT');
  return { host, port };
}

/** Writes an address as {@link parseAddress} reads it. */
export function formatAddress(address: SocketAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether an address can be reached from this machine only. */
export function isLocal(address: string): boolean {
  const parsed = parseAddress(address.replace(/^dns:\/\/\//, ''));
  return 'path' in parsed || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(parsed.host);
}

function invalid(address: string, problem: string): FlowError {
  return new FlowError(
    'INVALID_ARGUMENT',
    'ADDRESS_INVALID',
    `the address ${JSON.stringify(address)} ${problem}`,
  );
}
