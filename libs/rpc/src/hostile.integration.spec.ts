import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ExecuteRequest, ExecuteResponse, SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { createClient } from './client.js';
import { bidiHandler, unaryHandler } from './handlers.js';
import { unary } from './invoke.js';
import { afterTest, failureOf, sandboxClient, start } from './spec-support.js';
import type { TestHandlers } from './spec-support.js';

const handlers: TestHandlers = {
  sandbox: {
    execute: unaryHandler(async () => ExecuteResponse.fromPartial({})),
    executeBatch: bidiHandler(async function* (requests) {
      for await (const { executionId } of requests) yield { executionId, result: undefined };
    }),
  },
};
const path = '/flowreasoner.sandbox.v1.SandboxService/Execute';

/** Checks that a server still answers. */
async function answers(address: string): Promise<void> {
  await unary(sandboxClient({ address }), 'execute', ExecuteRequest.fromPartial({}));
}

describe('a server goes on answering after', () => {
  it('bytes that are no HTTP/2', async () => {
    const { address } = await start(handlers, { address: '127.0.0.1:0' });
    for (const bytes of [
      Buffer.alloc(4096, 0xff),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff', 'latin1'),
    ]) {
      const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.write(bytes);
      socket.resume();
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 200))]);
      socket.destroy();
    }
    await answers(address);
  });

  it('messages that end in the middle, that claim 4 GiB, and that are nonsense', async () => {
    const { address } = await start(handlers, { address: '127.0.0.1:0' });
    const session = connectHttp2(`http://${address}`);
    afterTest(() => session.destroy());
    const send = (bytes: Buffer): Promise<string> =>
      new Promise((resolve) => {
        const headers = {
          ':method': 'POST',
          ':path': path,
          'content-type': 'application/grpc',
          te: 'trailers',
        };
        const stream = session.request(headers);
        let status = '';
        stream.on('response', (response) => (status ||= String(response['grpc-status'] ?? '')));
        stream.on('trailers', (trailers) => (status ||= String(trailers['grpc-status'] ?? '')));
        stream.on('error', () => resolve(status));
        stream.on('close', () => resolve(status));
        stream.resume();
        stream.end(bytes);
      });
    expect(await send(Buffer.from([0, 255, 255, 255, 255, 1]))).toBe('8');
    expect(await send(Buffer.from([0, 0, 0, 0, 3, 0xff, 0xff, 0xff]))).toBe('3');
    expect(await send(Buffer.from([0, 0, 0, 0, 9, 1]))).toBe('12');
    expect(await send(Buffer.alloc(0))).toBe('12');
    expect(await send(Buffer.from([1, 0, 0, 0, 3, 1, 2, 3]))).not.toBe('0');
    await answers(address);
  });

  it('a message that inflates beyond the limit', async () => {
    const { address } = await start(handlers, { address: '127.0.0.1:0', maxMessageBytes: 100_000 });
    const client = new SandboxServiceClient(address, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': 2,
    });
    afterTest(() => client.close());
    const bomb = ExecuteRequest.fromPartial({ execution: { source: Buffer.alloc(50_000_000) } });
    const error = await failureOf(unary(client, 'execute', bomb));
    expect(error).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'MESSAGE_TOO_LARGE',
      options: { metadata: { limit_bytes: '100000' } },
    });
    await answers(address);
  });

  it('headers that are no valid deadline, tenant, token or trace', async () => {
    const { address } = await start(handlers, { address: '127.0.0.1:0' });
    const client = createClient(SandboxServiceClient, { address });
    afterTest(() => client.close());
    for (const [key, value] of [
      ['x-flow-tenant', 'a/b'],
      ['authorization', 'Basic x'],
      ['traceparent', '00-x'],
      ['tracestate', 'x'.repeat(2000)],
    ] as const) {
      const metadata = new Metadata();
      metadata.set(key, value);
      await new Promise<void>((resolve) => {
        client.execute(ExecuteRequest.fromPartial({}), metadata, {}, () => resolve());
      });
    }
    const session = connectHttp2(`http://${address}`);
    afterTest(() => session.destroy());
    for (const timeout of ['soon', '-1S', '99999999H', '']) {
      const headers = {
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        'grpc-timeout': timeout,
      };
      const stream = session.request(headers);
      stream.on('error', () => undefined);
      stream.resume();
      stream.end(Buffer.from([0, 0, 0, 0, 0]));
      await new Promise((resolve) => stream.on('close', resolve));
    }
    await answers(address);
  });

  it('callers that vanish in the middle of a stream', async () => {
    const { address } = await start(handlers, { address: '127.0.0.1:0' });
    for (let n = 0; n < 20; n++) {
      const client = createClient(SandboxServiceClient, { address });
      const call = client.executeBatch();
      call.on('error', () => undefined);
      call.write({ executionId: 'x', execution: undefined });
      if (n % 2 === 0) await new Promise((resolve) => call.once('data', resolve));
      call.cancel();
      client.close();
    }
    await answers(address);
  });
});
