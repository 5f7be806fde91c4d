import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import type { Client, ServiceDefinition } from '@grpc/grpc-js';
import { service as healthDefinition } from 'grpc-health-check';
import { describe, expect, it } from 'vitest';
import { ExecuteRequest, ExecuteResponse, GetCapabilitiesRequest } from '@flowreasoner/contracts/sandbox';
import { RunWorkflowRequest } from '@flowreasoner/contracts/workflow';
import { createClient } from './client.js';
import { FlowError } from './flow-error.js';
import { serverStreamHandler, unaryHandler } from './handlers.js';
import { serverStream, unary } from './invoke.js';
import {
  aborted,
  afterTest,
  collect,
  failureOf,
  sandboxClient,
  socketAddress,
  start,
  temporaryFolder,
  workflowClient,
} from './spec-support.js';

interface HealthClient extends Client {
  check(request: { service: string }, done: (error: Error | null, answer?: { status: string }) => void): void;
  watch(request: { service: string }): AsyncIterable<{ status: string }>;
}

const HealthClient = makeGenericClientConstructor(
  healthDefinition as ServiceDefinition,
  'Health',
) as unknown as new (...args: ConstructorParameters<typeof Client>) => HealthClient;

function healthClient(address: string): HealthClient {
  const client = createClient(HealthClient, { address });
  afterTest(() => client.close());
  return client;
}

function check(client: HealthClient, service: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.check({ service }, (error, answer) =>
      error === null ? resolve(answer?.status ?? '') : reject(error),
    );
  });
}

const sandbox = 'flowreasoner.sandbox.v1.SandboxService';

describe('health', () => {
  it('is that of the server and of each service, and needs no credentials', async () => {
    const auth = { tokens: [{ token: 'a-token-of-enough-length', tenant: 'acme' }] };
    const server = await start({ sandbox: {} }, { serving: false, auth });
    const client = healthClient(server.address);
    expect([await check(client, ''), await check(client, sandbox)]).toEqual(['NOT_SERVING', 'NOT_SERVING']);
    server.setServing(true);
    expect([await check(client, ''), await check(client, sandbox)]).toEqual(['SERVING', 'SERVING']);
    expect(await failureOf(check(client, 'other.Service'))).toMatchObject({ code: 5 });
  });

  it('tells watchers that the server drains, which they cannot hold up', async () => {
    const server = await start({ sandbox: {} });
    const statuses: string[] = [];
    const watching = (async () => {
      for await (const { status } of healthClient(server.address).watch({ service: '' })) {
        statuses.push(status);
        if (status === 'SERVING') void server.drain(60_000);
      }
    })();
    expect(await failureOf(watching)).toMatchObject({ code: 14 });
    await server.drain();
    expect(statuses).toEqual(['SERVING', 'NOT_SERVING']);
  });
});

describe('drain', () => {
  it('lets calls finish and takes no new ones', async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const server = await start({
      sandbox: {
        execute: unaryHandler(async () => {
          started.resolve();
          await finish.promise;
          return ExecuteResponse.fromPartial({});
        }),
      },
    });
    const call = unary(sandboxClient(server), 'execute', ExecuteRequest.fromPartial({}));
    await started.promise;
    const drained = server.drain(60_000);
    const late = sandboxClient({ address: server.address, maxAttempts: 1 });
    const refused = await failureOf(unary(late, 'getCapabilities', GetCapabilitiesRequest.fromPartial({})));
    expect(refused).toMatchObject({ code: 'UNAVAILABLE' });
    finish.resolve();
    await call;
    await drained;
  });

  it('ends calls that outlast the grace with UNAVAILABLE, and tells their handlers', async () => {
    const started = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<unknown>();
    const server = await start({
      sandbox: {
        execute: unaryHandler(async (_, { signal }) => {
          started.resolve();
          ended.resolve(await aborted(signal));
          return ExecuteResponse.fromPartial({});
        }),
      },
    });
    const client = sandboxClient({ address: server.address, maxAttempts: 1 });
    const call = failureOf(unary(client, 'execute', ExecuteRequest.fromPartial({})));
    await started.promise;
    await server.drain(50);
    expect(await call).toMatchObject({ code: 'UNAVAILABLE', reason: 'SERVER_DRAINING' });
    expect(await ended.promise).toMatchObject({ reason: 'SERVER_DRAINING' });
  });

  it('is announced to streams without an end', async () => {
    const started = Promise.withResolvers<void>();
    const server = await start({
      workflow: {
        runWorkflow: serverStreamHandler(async function* (_, { draining }) {
          started.resolve();
          await aborted(draining);
          throw new FlowError('UNAVAILABLE', 'WATCH_ELSEWHERE', 'go on elsewhere');
          yield {} as never;
        }),
      },
    });
    const client = workflowClient({ address: server.address, maxAttempts: 1 });
    const call = failureOf(collect(serverStream(client, 'runWorkflow', RunWorkflowRequest.fromPartial({}))));
    await started.promise;
    await server.drain(60_000);
    expect(await call).toMatchObject({ reason: 'WATCH_ELSEWHERE' });
  });

  it('is not held up by a connection that says nothing', async () => {
    const server = await start({ sandbox: {} }, { address: '127.0.0.1:0' });
    const socket = connect(Number(server.address.split(':')[1]), '127.0.0.1');
    afterTest(() => socket.destroy());
    await new Promise((resolve) => socket.once('connect', resolve));
    await server.drain(50);
  });

  it('happens once, however often it is asked for', async () => {
    const server = await start({ sandbox: {} });
    await Promise.all([server.drain(), server.drain(0)]);
    await server.drain();
  });
});

describe('listening', () => {
  it('on a socket keeps everybody else out and leaves no file behind', async () => {
    const address = socketAddress();
    const path = address.slice('unix:'.length);
    const server = await start({ sandbox: {} }, { address });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await server.drain();
    expect(existsSync(path)).toBe(false);
  });

  it('on a socket that a dead process left behind takes it over, on a live one is refused', async () => {
    const path = join(temporaryFolder(), 'left.sock');
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(`${path}.x`, resolve));
    renameSync(`${path}.x`, path);
    await new Promise((resolve) => dead.close(resolve));
    expect(existsSync(path)).toBe(true);
    await start({ sandbox: {} }, { address: `unix:${path}` });
    const error = await failureOf(start({ sandbox: {} }, { address: `unix:${path}` }));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'ADDRESS_IN_USE' });
  });

  it('never replaces a file that is no socket', async () => {
    const path = join(temporaryFolder(), 'precious');
    writeFileSync(path, 'keep me');
    expect(await failureOf(start({}, { address: `unix:${path}` }))).toMatchObject({
      reason: 'ADDRESS_IN_USE',
    });
  });

  it('tells the port that was chosen, and that one is taken', async () => {
    const server = await start({ sandbox: {} }, { address: '127.0.0.1:0' });
    expect(server.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    const error = await failureOf(start({ sandbox: {} }, { address: server.address }));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'ADDRESS_IN_USE' });
  });

  it('in a folder that is not there, or by too long a path, is refused with the reason', async () => {
    const address = `unix:${join(temporaryFolder(), 'none', 's.sock')}`;
    expect(await failureOf(start({}, { address }))).toMatchObject({ reason: 'ADDRESS_UNAVAILABLE' });
    const long = `unix:/tmp/${'x'.repeat(120)}`;
    expect(await failureOf(start({}, { address: long }))).toMatchObject({ reason: 'ADDRESS_INVALID' });
  });
});

describe('too many calls at once', () => {
  it('are refused with the limit and a time to wait, health checks are not', async () => {
    const full = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    let running = 0;
    const server = await start(
      {
        sandbox: {
          execute: unaryHandler(async () => {
            if (++running === 2) full.resolve();
            await finish.promise;
            return ExecuteResponse.fromPartial({});
          }),
        },
      },
      { maxConcurrentCalls: 2 },
    );
    const client = sandboxClient(server);
    const calls = [1, 2].map(() => unary(client, 'execute', ExecuteRequest.fromPartial({})));
    await full.promise;
    expect(await failureOf(unary(client, 'execute', ExecuteRequest.fromPartial({})))).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'TOO_MANY_CALLS',
      options: { metadata: { limit: '2' }, retryAfterMs: 1000 },
    });
    expect(await check(healthClient(server.address), '')).toBe('SERVING');
    finish.resolve();
    await Promise.all(calls);
    await unary(client, 'execute', ExecuteRequest.fromPartial({}));
  });
});
