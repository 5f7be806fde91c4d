import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Http2Stream } from 'node:http2';
import { expect, it } from 'vitest';
import { GetCapabilitiesRequest, GetCapabilitiesResponse } from '@flowreasoner/contracts/sandbox';
import { unaryHandler } from './handlers.js';
import { unary } from './invoke.js';
import { afterTest, sandboxClient, start } from './spec-support.js';

it('nothing hangs on a closed stream of a client', async () => {
  const streams: Http2Stream[] = [];
  const keep = (message: unknown): void => void streams.push((message as { stream: Http2Stream }).stream);
  const channel = 'http2.client.stream.created';
  subscribe(channel, keep);
  afterTest(() => unsubscribe(channel, keep));
  const answer = unaryHandler(() => Promise.resolve(GetCapabilitiesResponse.fromPartial({})));
  const server = await start({ sandbox: { getCapabilities: answer } });
  await unary(sandboxClient(server), 'getCapabilities', GetCapabilitiesRequest.fromPartial({}));
  const [stream] = streams;
  if (stream === undefined) throw new Error('the call had no stream');
  if (!stream.closed || !stream.destroyed) await once(stream, 'close');
  // What `close` still has to tell is told within this turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.eventNames()).toEqual([]);
});
