import { subscribe } from 'node:diagnostics_channel';
import type { Http2Stream } from 'node:http2';

let released = false;

/**
 * Lets go of what hangs on a client's HTTP/2 stream as soon as it has closed; holds
 * for all such streams of the process, from now on. Node's stream stays reachable
 * from native code until the next collection of the whole heap, and grpc-js leaves
 * its listeners on it, and so the call: collections of the young generation would
 * copy all of that (docs/benchmarks.md says what it takes).
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
