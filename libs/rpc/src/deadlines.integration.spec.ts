import { describe, expect, it } from 'vitest';
import {
  ExecuteBatchRequest,
  ExecuteRequest,
  GetCapabilitiesRequest,
  GetCapabilitiesResponse,
} from '@flowreasoner/contracts/sandbox';
import { RunWorkflowRequest } from '@flowreasoner/contracts/workflow';
import type { CallContext } from './call-context.js';
import { FlowError } from './flow-error.js';
import { bidiHandler, serverStreamHandler, unaryHandler } from './handlers.js';
import { bidiStream, serverStream, unary } from './invoke.js';
import { aborted, collect, failureOf, sandboxClient, start, workflowClient } from './spec-support.js';

const capabilities = GetCapabilitiesRequest.fromPartial({});
const execute = ExecuteRequest.fromPartial({});
const workflow = RunWorkflowRequest.fromPartial({});

/** Handlers that wait for the end of their call, and tell why it ended. */
function waiting() {
  const contexts = Promise.withResolvers<CallContext>();
  const reasons = Promise.withResolvers<unknown>();
  const wait = async (context: CallContext): Promise<never> => {
    contexts.resolve(context);
    const reason = await aborted(context.signal);
    reasons.resolve(reason);
    throw reason;
  };
  return { started: contexts.promise, ended: reasons.promise, wait };
}

describe('deadlines', () => {
  it('come from the server where the caller gives none, and end the call for both', async () => {
    const { wait, ended } = waiting();
    const server = await start(
      { sandbox: { execute: unaryHandler((_, context) => wait(context)) } },
      { defaultDeadlineMs: 50 },
    );
    const client = sandboxClient(server);
    const error = await failureOf(unary(client, 'execute', execute, { deadlineMs: Infinity }));
    expect(error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      reason: 'DEADLINE_EXCEEDED',
      message: '/flowreasoner.sandbox.v1.SandboxService/Execute was not finished within 50 ms',
    });
    expect(await ended).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('of single methods take the place of the server default', async () => {
    const { wait } = waiting();
    const deadlinesMs = { '/flowreasoner.sandbox.v1.SandboxService/Execute': 40 };
    const server = await start(
      { sandbox: { execute: unaryHandler((_, context) => wait(context)) } },
      { deadlinesMs },
    );
    const error = await failureOf(unary(sandboxClient(server), 'execute', execute, { deadlineMs: Infinity }));
    expect((error as FlowError).message).toContain('within 40 ms');
  });

  it('given by the caller reach the handler and end its work', async () => {
    const { wait, started, ended } = waiting();
    const server = await start({ sandbox: { execute: unaryHandler((_, context) => wait(context)) } });
    const before = Date.now();
    const call = failureOf(unary(sandboxClient(server), 'execute', execute, { deadlineMs: 120 }));
    const { deadline } = await started;
    expect(deadline - before).toBeGreaterThan(0);
    expect(deadline - before).toBeLessThan(400);
    expect(await call).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await ended).toBeInstanceOf(FlowError);
  });

  it('that have passed already fail at once', async () => {
    const server = await start({
      sandbox: { getCapabilities: unaryHandler(async () => GetCapabilitiesResponse.fromPartial({})) },
    });
    const error = await failureOf(
      unary(sandboxClient(server), 'getCapabilities', capabilities, { deadlineMs: -5 }),
    );
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('go on to the next service and the one after it', async () => {
    const { wait, started, ended } = waiting();
    const last = await start({ sandbox: { execute: unaryHandler((_, context) => wait(context)) } });
    const lastClient = sandboxClient(last);
    const middle = await start({
      workflow: {
        runWorkflow: serverStreamHandler(async function* (_, parent) {
          await unary(lastClient, 'execute', execute, { parent, deadlineMs: 60_000 });
          yield* [];
        }),
      },
    });
    const call = failureOf(
      collect(serverStream(workflowClient(middle), 'runWorkflow', workflow, { deadlineMs: 150 })),
    );
    const { deadline } = await started;
    expect(deadline - Date.now()).toBeLessThan(200);
    expect(await call).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await ended).toBeInstanceOf(FlowError);
  });
});

describe('cancellation', () => {
  it('by a signal ends the handler, and the call with the reason of the signal', async () => {
    const { wait, started, ended } = waiting();
    const server = await start({ sandbox: { execute: unaryHandler((_, context) => wait(context)) } });
    const stop = new AbortController();
    const call = failureOf(unary(sandboxClient(server), 'execute', execute, { signal: stop.signal }));
    await started;
    stop.abort(new FlowError('CANCELLED', 'RUN_CANCELLED', 'the run was cancelled'));
    expect(await call).toMatchObject({ reason: 'RUN_CANCELLED' });
    expect(await ended).toMatchObject({ code: 'CANCELLED', reason: 'CALL_CANCELLED' });
  });

  it('before the start sends nothing', async () => {
    const server = await start({ sandbox: {} });
    const signal = AbortSignal.abort();
    const error = await failureOf(unary(sandboxClient(server), 'execute', execute, { signal }));
    expect(error).toMatchObject({ code: 'CANCELLED', reason: 'CALL_CANCELLED' });
    expect(() => serverStream(workflowClient(server), 'runWorkflow', workflow, { signal })).toThrow(
      FlowError,
    );
  });

  it('goes on to the next service and the one after it', async () => {
    const { wait, started, ended } = waiting();
    const last = await start({ sandbox: { execute: unaryHandler((_, context) => wait(context)) } });
    const lastClient = sandboxClient(last);
    const middle = await start({
      workflow: {
        runWorkflow: serverStreamHandler(async function* (_, parent) {
          await unary(lastClient, 'execute', execute, { parent });
          yield* [];
        }),
      },
    });
    const responses = serverStream(workflowClient(middle), 'runWorkflow', workflow);
    const call = failureOf(collect(responses));
    await started;
    responses.cancel();
    expect(await call).toMatchObject({ code: 'CANCELLED' });
    expect(await ended).toMatchObject({ code: 'CANCELLED' });
  });

  it('of many calls on behalf of one leaves no listeners and no warnings behind', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', warn);
    const last = await start({
      sandbox: { getCapabilities: unaryHandler(async () => GetCapabilitiesResponse.fromPartial({})) },
    });
    const lastClient = sandboxClient(last);
    const middle = await start({
      sandbox: {
        getCapabilities: unaryHandler(async (request, parent) => {
          await Promise.all(
            Array.from({ length: 50 }, () => unary(lastClient, 'getCapabilities', request, { parent })),
          );
          return GetCapabilitiesResponse.fromPartial({});
        }),
      },
    });
    await unary(sandboxClient(middle), 'getCapabilities', capabilities);
    await new Promise(setImmediate);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('is what a server stream gets whose reader leaves early: its finally runs', async () => {
    const left = Promise.withResolvers<CallContext>();
    const server = await start({
      workflow: {
        runWorkflow: serverStreamHandler(async function* (_, context) {
          try {
            for (;;) yield {} as never;
          } finally {
            left.resolve(context);
          }
        }),
      },
    });
    for await (const response of serverStream(workflowClient(server), 'runWorkflow', workflow)) {
      expect(response).toBeDefined();
      break;
    }
    expect((await left.promise).signal.reason).toMatchObject({ code: 'CANCELLED' });
  });

  it('does not happen to work that goes on after a call was answered', async () => {
    const contexts = Promise.withResolvers<CallContext>();
    const server = await start({
      sandbox: {
        getCapabilities: unaryHandler(async (_, context) => {
          contexts.resolve(context);
          return GetCapabilitiesResponse.fromPartial({});
        }),
      },
    });
    await unary(sandboxClient(server), 'getCapabilities', capabilities);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await contexts.promise).signal.aborted).toBe(false);
  });

  it('ends the requests of a bidirectional call with its reason', async () => {
    const failed = Promise.withResolvers<unknown>();
    const server = await start({
      sandbox: {
        executeBatch: bidiHandler(async function* (requests) {
          yield {} as never;
          failed.resolve(await failureOf(collect(requests)));
        }),
      },
    });
    const call = bidiStream(sandboxClient(server), 'executeBatch');
    await call.write(ExecuteBatchRequest.fromPartial({}));
    for await (const response of call) {
      expect(response).toBeDefined();
      break;
    }
    expect(await failed.promise).toMatchObject({ code: 'CANCELLED' });
    expect(await failureOf(call.write(ExecuteBatchRequest.fromPartial({})))).toMatchObject({
      reason: 'CALL_ENDED',
    });
  });
});
