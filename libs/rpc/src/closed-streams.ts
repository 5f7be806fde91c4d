import { subscribe } from 'node:diagnostics_channel';
import type { Http2Stream } from 'node:http2';

let released = false;

/**
 * Lets go of what hangs on a client's HTTP/2 stream as soon as it has closed. Node's
 * stream stays reachable from native code until the next collection of the whole
 * heap, and grpc-js leaves its listeners on it: a third of all that a call
 * allocated would be copied by every collection of the young generation, which
 * then take ten times as long.
 */
export function releaseClosedStreams(): void {
  if (released) return;
  released = true;
  subscribe('http2.client.stream.created', (message) => {
    const { stream } = message as { stream: Http2Stream };
    // The listeners of the event that is going on are still called.
    stream.once('close', () => stream.removeAllListeners());
  });
}
