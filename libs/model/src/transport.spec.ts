import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startScriptedModelServer } from '@flowreasoner/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { modelEndpointSchema } from './endpoint.js';
import { createTransport } from './transport.js';

afterEach(() => vi.unstubAllEnvs());

it('goes through the proxy of the environment, but not to reach this machine', async () => {
  const server = await startScriptedModelServer({ script: [], models: ['m'] });
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('{"data": []}');
  });
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  vi.stubEnv('HTTP_PROXY', process.env.http_proxy);
  vi.stubEnv('no_proxy', '');
  vi.stubEnv('NO_PROXY', '');

  const transports = [server.baseUrl, 'http://models.invalid/v1'].map((baseUrl) =>
    createTransport(modelEndpointSchema.parse({ name: 'a', baseUrl }), undefined),
  );
  const signal = new AbortController().signal;
  const [local, remote] = await Promise.allSettled(
    transports.map((transport) => transport.listModels(signal)),
  );
  expect(local).toMatchObject({ status: 'fulfilled', value: [{ id: 'm' }] });
  expect(remote).toBeDefined();
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain('models.invalid');

  await Promise.all(transports.map((transport) => transport.close()));
  await server.close();
  await new Promise((resolve) => proxy.close(resolve));
});
