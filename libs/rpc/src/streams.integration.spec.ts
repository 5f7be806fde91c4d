import { describe, expect, it } from 'vitest';
import { ExecuteBatchRequest, ExecuteBatchResponse } from '@flowreasoner/contracts/sandbox';
import { RunWorkflowRequest, RunWorkflowResponse } from '@flowreasoner/contracts/workflow';
import { createLogger } from '@flowreasoner/telemetry';
import { bidiHandler, serverStreamHandler } from './handlers.js';
import { bidiStream, serverStream } from './invoke.js';
import { collect, failureOf, sandboxClient, start, workflowClient } from './spec-support.js';

const requestOf = (executionId: string): ExecuteBatchRequest =>
  ExecuteBatchRequest.fromPartial({ executionId });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Answers each request with its id; the batch of a real sandbox without the programs. */
const echo = bidiHandler<ExecuteBatchRequest, ExecuteBatchResponse>(async function* (requests) {
  for await (const { executionId } of requests) yield ExecuteBatchResponse.fromPartial({ executionId });
});

describe('streams', () => {
  it('deliver everything in order, then end', async () => {
    const server = await start({
      workflow: {
        runWorkflow: serverStreamHandler(async function* () {
          for (let n = 0; n < 500; n++) yield RunWorkflowResponse.fromPartial({});
        }),
      },
    });
    const responses = serverStream(workflowClient(server), 'runWorkflow', RunWorkflowRequest.fromPartial({}));
    expect(await collect(responses)).toHaveLength(500);
  });

  it('stop the generator while the reader is not reading', async () => {
    let made = 0;
    const bytes = 64 * 1024;
    const server = await start({
      sandbox: {
        executeBatch: bidiHandler(async function* () {
          for (; made < 1000; made++)
            yield ExecuteBatchResponse.fromPartial({ result: { stdout: Buffer.alloc(bytes) } });
        }),
      },
    });
    const call = bidiStream(sandboxClient(server), 'executeBatch');
    const responses = call[Symbol.asyncIterator]();
    await responses.next();
    await pause(200);
    const before = made;
    expect(before).toBeLessThan(300);
    await pause(100);
    expect(made).toBe(before);
    for (let n = 1; n < 1000; n++) expect((await responses.next()).done).toBe(false);
    expect((await responses.next()).done).toBe(true);
  });

  it('stop the writer while the handler is not reading', async () => {
    const open = Promise.withResolvers<void>();
    const server = await start({
      sandbox: {
        executeBatch: bidiHandler(async function* (requests) {
          await open.promise;
          for await (const { executionId } of requests)
            yield ExecuteBatchResponse.fromPartial({ executionId });
        }),
      },
    });
    const call = bidiStream(sandboxClient(server), 'executeBatch');
    let written = 0;
    const writing = (async () => {
      for (; written < 1000; written++) {
        await call.write(ExecuteBatchRequest.fromPartial({ execution: { source: Buffer.alloc(64 * 1024) } }));
      }
      call.end();
    })();
    await pause(200);
    expect(written).toBeLessThan(300);
    open.resolve();
    expect(await collect(call)).toHaveLength(1000);
    await writing;
  });

  it('both ways answer while requests are still coming', async () => {
    const server = await start({ sandbox: { executeBatch: echo } });
    const call = bidiStream(sandboxClient(server), 'executeBatch');
    const responses = call[Symbol.asyncIterator]();
    for (const id of ['a', 'b', 'c']) {
      await call.write(requestOf(id));
      expect((await responses.next()).value).toMatchObject({ executionId: id });
    }
    call.end();
    expect(await responses.next()).toMatchObject({ done: true });
  });

  it('let a handler answer without reading the requests to their end', async () => {
    const server = await start({
      sandbox: {
        executeBatch: bidiHandler(async function* (requests) {
          for await (const { executionId } of requests) {
            yield ExecuteBatchResponse.fromPartial({ executionId });
            break;
          }
          yield ExecuteBatchResponse.fromPartial({ executionId: 'last' });
        }),
      },
    });
    const call = bidiStream(sandboxClient(server), 'executeBatch');
    await call.write(requestOf('a'));
    await call.write(requestOf('b'));
    expect((await collect(call)).map(({ executionId }) => executionId)).toEqual(['a', 'last']);
  });

  it('fail for the writer when the call has ended', async () => {
    const server = await start({ sandbox: {} });
    const call = bidiStream(sandboxClient(server), 'executeBatch');
    await failureOf(collect(call));
    expect(await failureOf(call.write(requestOf('a')))).toMatchObject({
      code: 'CANCELLED',
      reason: 'CALL_ENDED',
    });
  });
});

describe('a caller that goes away in the middle of a stream', () => {
  it('is a cancellation, which the log does not call a fault', async () => {
    let log = '';
    const logger = createLogger({
      service: 'test',
      version: '1',
      level: 'warn',
      stream: { write: (line) => void (log += line) },
    });
    let ended = 0;
    const server = await start(
      {
        sandbox: {
          executeBatch: bidiHandler(async function* () {
            try {
              for (;;)
                yield ExecuteBatchResponse.fromPartial({ result: { stdout: Buffer.alloc(64 * 1024) } });
            } finally {
              ended++;
            }
          }),
        },
      },
      { logger },
    );
    const calls = 20;
    for (let call = 0; call < calls; call++) {
      const gone = new AbortController();
      const responses = bidiStream(sandboxClient(server), 'executeBatch', { signal: gone.signal });
      await responses[Symbol.asyncIterator]().next();
      gone.abort();
    }
    await expect.poll(() => ended).toBe(calls);
    expect(log).toBe('');
  });
});
