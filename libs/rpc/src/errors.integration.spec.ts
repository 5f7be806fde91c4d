import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  ExecuteRequest,
  ExecuteResponse,
  GetCapabilitiesRequest,
  GetCapabilitiesResponse,
  GradeRequest,
} from '@flowreasoner/contracts/sandbox';
import { RunWorkflowRequest } from '@flowreasoner/contracts/workflow';
import { createLogger } from '@flowreasoner/telemetry';
import { FlowError } from './flow-error.js';
import { serverStreamHandler, unaryHandler } from './handlers.js';
import { bidiStream, serverStream, unary } from './invoke.js';
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

describe('errors on their way to the caller', () => {
  it('keep code, reason, message and every detail', async () => {
    const thrown = new FlowError('RESOURCE_EXHAUSTED', 'QUEUE_FULL', 'the queue is full – wait', {
      metadata: { limit: '16' },
      fieldViolations: [{ field: 'execution.source', description: 'is empty' }],
      retryAfterMs: 1500,
      hint: 'Try again later.',
    });
    const server = await start({ sandbox: { getCapabilities: unaryHandler(() => Promise.reject(thrown)) } });
    const error = await failureOf(unary(sandboxClient(server), 'getCapabilities', capabilities));
    expect(error).toBeInstanceOf(FlowError);
    expect(error).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'QUEUE_FULL',
      message: 'the queue is full – wait',
      options: thrown.options,
    });
  });

  it('tell nothing about an unexpected error but an id, under which the log has the stack', async () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 't', stream: { write: (line) => void lines.push(line) } });
    const server = await start(
      { sandbox: { getCapabilities: unaryHandler(() => Promise.reject(new Error('password is hunter2'))) } },
      { logger },
    );
    const error = (await failureOf(
      unary(sandboxClient(server), 'getCapabilities', capabilities),
    )) as FlowError;
    expect(error).toMatchObject({ code: 'INTERNAL', reason: 'INTERNAL' });
    expect(JSON.stringify([error.message, error.options])).not.toContain('hunter2');
    const id = error.options.metadata?.['error_id'] ?? 'none';
    const line = lines.find((text) => text.includes(id));
    expect(line).toContain('hunter2');
    expect(line).toContain('errors.integration.spec');
  });

  it('come after the responses that a stream has sent before it failed', async () => {
    const server = await start({
      workflow: {
        runWorkflow: serverStreamHandler(async function* () {
          yield {} as never;
          yield {} as never;
          throw new FlowError('ABORTED', 'LOST', 'the run was lost');
        }),
      },
    });
    const responses = serverStream(workflowClient(server), 'runWorkflow', RunWorkflowRequest.fromPartial({}));
    const taken: unknown[] = [];
    const error = await failureOf(
      (async () => {
        for await (const response of responses) taken.push(response);
      })(),
    );
    expect(taken).toHaveLength(2);
    expect(error).toMatchObject({ code: 'ABORTED', reason: 'LOST' });
  });

  it('are seen by whoever iterates later than they arrive', async () => {
    const server = await start({ workflow: {} });
    const responses = serverStream(workflowClient(server), 'runWorkflow', RunWorkflowRequest.fromPartial({}));
    await unary(sandboxClient(server), 'execute', ExecuteRequest.fromPartial({})).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await failureOf(collect(responses))).toMatchObject({ reason: 'METHOD_UNIMPLEMENTED' });
  });

  it('refuse methods without a handler, streams too, and services that are not there', async () => {
    const server = await start({ sandbox: {} });
    const client = sandboxClient(server);
    const refused = { code: 'UNIMPLEMENTED', reason: 'METHOD_UNIMPLEMENTED' };
    expect(await failureOf(unary(client, 'grade', GradeRequest.fromPartial({})))).toMatchObject(refused);
    expect(await failureOf(collect(bidiStream(client, 'executeBatch')))).toMatchObject(refused);
    const other = serverStream(workflowClient(server), 'runWorkflow', RunWorkflowRequest.fromPartial({}));
    expect(await failureOf(collect(other))).toMatchObject(refused);
  });

  it.each([
    ['closes the connection', (session: ServerHttp2Session | undefined) => session?.close()],
    ['cuts the connection', (session: ServerHttp2Session | undefined) => session?.destroy()],
  ])('say that a server is away that %s in the middle of a call', async (_, end) => {
    const server = createHttp2();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.once('close', () => end(stream.session as ServerHttp2Session));
      stream.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterTest(() => server.close());
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = sandboxClient({ address, maxAttempts: 1 });
    const error = await failureOf(unary(client, 'getCapabilities', capabilities));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'SERVICE_UNREACHABLE' });
  });

  it('name service and address where nobody answers', async () => {
    const address = socketAddress();
    const client = sandboxClient({ address, maxAttempts: 1 });
    const error = await failureOf(unary(client, 'getCapabilities', capabilities));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'SERVICE_UNREACHABLE' });
    expect((error as FlowError).message).toContain(address);
    expect((error as FlowError).message).toContain('SandboxService/GetCapabilities');
  });

  it('call a message that cannot be decoded the fault of its sender', async () => {
    const server = await start({
      sandbox: { execute: unaryHandler(async () => ExecuteResponse.fromPartial({})) },
    });
    const client = sandboxClient(server);
    const error = await new Promise((resolve) => {
      client.makeUnaryRequest(
        '/flowreasoner.sandbox.v1.SandboxService/Execute',
        () => Buffer.from([0x0a, 0xff, 0xff]),
        ExecuteResponse.decode,
        null,
        (failure) => resolve(failure),
      );
    });
    expect(error).toMatchObject({ code: 3 });
  });
});

describe('messages over the limit', () => {
  const limit = 10_000;
  const echo = {
    sandbox: {
      execute: unaryHandler<ExecuteRequest, ExecuteResponse>(async ({ execution }) =>
        ExecuteResponse.fromPartial({
          result: { stdout: Buffer.alloc(Number(execution?.args[0])) },
        }),
      ),
      getCapabilities: unaryHandler(async () => GetCapabilitiesResponse.fromPartial({})),
    },
  };
  const requestOf = (bytes: number, answer = 0): ExecuteRequest =>
    ExecuteRequest.fromPartial({ execution: { args: [String(answer)], source: Buffer.alloc(bytes) } });

  it('are refused by the server, which names size and limit and goes on', async () => {
    const server = await start(echo, { maxMessageBytes: limit });
    const client = sandboxClient(server);
    for (const size of [limit, 2_000_000]) {
      const error = (await failureOf(unary(client, 'execute', requestOf(size)))) as FlowError;
      expect(error).toMatchObject({
        code: 'RESOURCE_EXHAUSTED',
        reason: 'MESSAGE_TOO_LARGE',
        options: { metadata: { limit_bytes: '10000' } },
      });
      expect(Number(error.options.metadata?.['size_bytes'])).toBeGreaterThan(size);
      expect(error.message).toContain('limit of 10000 bytes');
    }
    await unary(client, 'execute', requestOf(limit - 100));
  });

  it('are refused by the server before they leave it', async () => {
    const server = await start(echo, { maxMessageBytes: limit });
    const error = await failureOf(unary(sandboxClient(server), 'execute', requestOf(1, limit)));
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'MESSAGE_TOO_LARGE' });
    expect((error as FlowError).message).toContain('the response');
  });

  it('are refused by the client, both ways', async () => {
    const server = await start(echo);
    const client = sandboxClient({ address: server.address, maxMessageBytes: limit });
    const sending = await failureOf(unary(client, 'execute', requestOf(limit)));
    expect(sending).toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
      options: { metadata: { limit_bytes: '10000' } },
    });
    const receiving = await failureOf(unary(client, 'execute', requestOf(1, limit)));
    expect(receiving).toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
      options: { metadata: { limit_bytes: '10000' } },
    });
    await unary(client, 'getCapabilities', capabilities);
  });
});
