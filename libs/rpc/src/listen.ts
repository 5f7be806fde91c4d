import { chmodSync, lstatSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Server, ServerCredentials } from '@grpc/grpc-js';
import { formatAddress, parseAddress } from './address.js';
import { FlowError } from './flow-error.js';

/** An address that a server listens on. */
export interface Listening {
  /** Address with the port that was chosen where 0 was asked for. */
  readonly address: string;
  /** Removes the socket's file, if there is one. */
  release(): void;
}

/**
 * Binds a server. A unix socket is bound in a private folder and moved to its
 * path once it accepts calls and has mode 0600, so that nobody else can reach
 * it at any moment and a client that sees the file can connect. A file that a
 * dead process left behind is replaced.
 *
 * @throws FlowError UNAVAILABLE with reason ADDRESS_IN_USE or ADDRESS_UNAVAILABLE
 */
export async function listen(
  server: Server,
  address: string,
  credentials: ServerCredentials,
): Promise<Listening> {
  const target = parseAddress(address);
  if ('path' in target) return listenOnSocket(server, target.path, credentials);
  const port = await bind(server, address, credentials);
  return { address: formatAddress({ host: target.host, port }), release: () => undefined };
}

async function listenOnSocket(
  server: Server,
  path: string,
  credentials: ServerCredentials,
): Promise<Listening> {
  await refuseIfInUse(path);
  let folder: string;
  try {
    folder = mkdtempSync(`${dirname(path)}/.`);
  } catch (cause) {
    throw unavailable(`unix:${path}`, cause);
  }
  try {
    const hidden = join(folder, 's');
    parseAddress(`unix:${hidden}`);
    await bind(server, `unix:${hidden}`, credentials);
    chmodSync(hidden, 0o600);
    renameSync(hidden, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { ino } = lstatSync(path);
  return {
    address: `unix:${path}`,
    release: () => {
      if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true });
    },
  };
}

/** Refuses a path that holds anything but a socket that nobody serves. */
async function refuseIfInUse(path: string): Promise<void> {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined) return;
  if (!file.isSocket()) throw inUse(`unix:${path}`, 'the path holds a file that is no socket');
  if (await answers(path)) throw inUse(`unix:${path}`, 'another process serves it');
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else if (error.message.includes('EADDRINUSE')) reject(inUse(address, 'another process listens on it'));
      else reject(unavailable(address, error));
    });
  });
}

function inUse(address: string, why: string): FlowError {
  return new FlowError('UNAVAILABLE', 'ADDRESS_IN_USE', `cannot listen on ${address}: ${why}`);
}

function unavailable(address: string, cause: unknown): FlowError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FlowError('UNAVAILABLE', 'ADDRESS_UNAVAILABLE', `cannot listen on ${address}: ${why}`, {
    cause,
  });
}
