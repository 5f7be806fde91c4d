import { connect } from 'node:net';
import type { RunningGateway } from '../start-gateway.js';

/** Sends bytes as they are and gives everything that comes back until the connection is closed. Tests only. */
export function sendRaw(gateway: RunningGateway, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (text: string) => (received += text));
    // A server that cuts a connection has answered before.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

/** The bytes of a request. */
export function rawRequest(head: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${head} HTTP/1.1\r\nHost: x\r\n${lines.join('')}\r\n${body}`;
}
