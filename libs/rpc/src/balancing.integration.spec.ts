import { describe, expect, it } from 'vitest';
import {
  ExecuteRequest,
  GetCapabilitiesRequest,
  GetCapabilitiesResponse,
} from '@flowreasoner/contracts/sandbox';
import { RunWorkflowRequest, RunWorkflowResponse } from '@flowreasoner/contracts/workflow';
import { waitForReady } from './client.js';
import { FlowError } from './flow-error.js';
import type { FlowErrorCode } from './flow-error.js';
import { serverStreamHandler, unaryHandler } from './handlers.js';
import { serverStream, unary } from './invoke.js';
import {
  afterTest,
  collect,
  failureOf,
  sandboxClient,
  socketAddress,
  start,
  workflowClient,
} from './spec-support.js';

const capabilities = GetCapabilitiesRequest.fromPartial({});

/** A server that counts its calls. */
async function counting(address: string) {
  const counter = { calls: 0, address: '' };
  const server = await start(
    {
      sandbox: {
        getCapabilities: unaryHandler(async () => {
          counter.calls++;
          return GetCapabilitiesResponse.fromPartial({});
        }),
      },
    },
    { address },
  );
  return Object.assign(counter, { address: server.address, drain: server.drain });
}

describe('calls go round', () => {
  for (const [kind, addressOf] of [
    ['TCP ports', () => '127.0.0.1:0'],
    ['unix sockets', socketAddress],
  ] as const) {
    it(`all servers of a list of ${kind}`, async () => {
      const servers = await Promise.all([counting(addressOf()), counting(addressOf())]);
      const client = sandboxClient({ address: servers.map(({ address }) => address) });
      // The first connection that stands gets all calls until the second stands too.
      while (servers.some(({ calls }) => calls === 0)) await unary(client, 'getCapabilities', capabilities);
      const before = servers.map(({ calls }) => calls);
      for (let n = 0; n < 20; n++) await unary(client, 'getCapabilities', capabilities);
      expect(servers.map(({ calls }, index) => calls - (before[index] ?? 0))).toEqual([10, 10]);
    });
  }

  it('the servers that are left when one drains, without a failed call', async () => {
    const servers = await Promise.all([counting('127.0.0.1:0'), counting('127.0.0.1:0')]);
    const client = sandboxClient({ address: servers.map(({ address }) => address) });
    while (servers.some(({ calls }) => calls === 0)) await unary(client, 'getCapabilities', capabilities);
    let stop = false;
    let made = 0;
    const load = (async () => {
      for (; !stop; made++) await unary(client, 'getCapabilities', capabilities);
    })();
    await servers[0]?.drain(1000);
    const after = made;
    while (made < after + 20) await new Promise(setImmediate);
    stop = true;
    await load;
  });

  it('names that DNS resolves', async () => {
    const server = await counting('localhost:0');
    await unary(sandboxClient({ address: `dns:///${server.address}` }), 'getCapabilities', capabilities);
    expect(server.calls).toBe(1);
  });
});

describe('retries', () => {
  /** A server that fails `failures` times with `code`. */
  async function failing(code: FlowErrorCode, failures: number) {
    let calls = 0;
    const server = await start({
      sandbox: {
        execute: unaryHandler(() => Promise.reject(new FlowError('INTERNAL', 'X', 'x'))),
        getCapabilities: unaryHandler(async () => {
          if (calls++ < failures) throw new FlowError(code, 'NOT_NOW', 'not now');
          return GetCapabilitiesResponse.fromPartial({});
        }),
      },
    });
    return { address: server.address, calls: () => calls };
  }

  it('follow UNAVAILABLE, until it succeeds', async () => {
    const server = await failing('UNAVAILABLE', 2);
    await unary(sandboxClient(server), 'getCapabilities', capabilities);
    expect(server.calls()).toBe(3);
  });

  it('end after the greatest number of tries, with the last error', async () => {
    const server = await failing('UNAVAILABLE', 99);
    const client = sandboxClient({ address: server.address, maxAttempts: 3 });
    expect(await failureOf(unary(client, 'getCapabilities', capabilities))).toMatchObject({
      reason: 'NOT_NOW',
    });
    expect(server.calls()).toBe(3);
  });

  it('can be turned off', async () => {
    const server = await failing('UNAVAILABLE', 1);
    const client = sandboxClient({ address: server.address, maxAttempts: 1 });
    expect(await failureOf(unary(client, 'getCapabilities', capabilities))).toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(server.calls()).toBe(1);
  });

  it('follow no other code', async () => {
    for (const code of ['RESOURCE_EXHAUSTED', 'INTERNAL', 'ABORTED', 'DEADLINE_EXCEEDED'] as const) {
      const server = await failing(code, 1);
      expect(await failureOf(unary(sandboxClient(server), 'getCapabilities', capabilities))).toMatchObject({
        code,
      });
      expect(server.calls()).toBe(1);
    }
  });

  it('do not multiply: what a service passes on from another one is final', async () => {
    const last = await failing('UNAVAILABLE', 99);
    const lastClient = sandboxClient({ address: last.address, maxAttempts: 2 });
    const middle = await start({
      sandbox: {
        getCapabilities: unaryHandler((request, parent) =>
          unary(lastClient, 'getCapabilities', request, { parent }),
        ),
      },
    });
    const error = await failureOf(unary(sandboxClient(middle), 'getCapabilities', capabilities));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'NOT_NOW' });
    expect(last.calls()).toBe(2);
  });

  it('never follow a response', async () => {
    let calls = 0;
    const server = await start({
      workflow: {
        runWorkflow: serverStreamHandler(async function* () {
          calls++;
          yield RunWorkflowResponse.fromPartial({});
          throw new FlowError('UNAVAILABLE', 'NOT_NOW', 'not now');
        }),
      },
    });
    const responses = serverStream(workflowClient(server), 'runWorkflow', RunWorkflowRequest.fromPartial({}));
    expect(await failureOf(collect(responses))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(calls).toBe(1);
  });

  it('carry a client over a server that starts a moment late', async () => {
    const address = socketAddress();
    const client = sandboxClient({ address });
    const call = failureOf(unary(client, 'execute', ExecuteRequest.fromPartial({})));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await start({ sandbox: {} }, { address });
    expect(await call).toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});

describe('waitForReady', () => {
  it('waits for a server that is yet to come, and says which one did not', async () => {
    const address = socketAddress();
    const client = sandboxClient({ address });
    expect(await failureOf(waitForReady(client, 50))).toMatchObject({
      code: 'UNAVAILABLE',
      message: `no connection to ${address} within 50 ms`,
    });
    const ready = waitForReady(client, 10_000);
    await start({ sandbox: {} }, { address });
    await ready;
  });
});

describe('a proxy in the environment', () => {
  it('is not used for services', async () => {
    const server = await counting('127.0.0.1:0');
    const before = process.env['grpc_proxy'];
    process.env['grpc_proxy'] = 'http://127.0.0.1:1';
    afterTest(() =>
      before === undefined ? delete process.env['grpc_proxy'] : (process.env['grpc_proxy'] = before),
    );
    await unary(sandboxClient({ ...server, maxAttempts: 1 }), 'getCapabilities', capabilities);
    expect(server.calls).toBe(1);
  });
});
