import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  ExecuteBatchRequest,
  ExecuteRequest,
  ExecuteStreamRequest,
  ExecutionStatus,
  GradeRequest,
} from '@flowreasoner/contracts/sandbox';
import { bidiStream, unary, type CallOptions } from '@flowreasoner/rpc';
import { processesWith } from './testing/processes.js';
import { sandboxes, until, type RunningSandbox } from './testing/running-sandbox.js';

const start = sandboxes();
type Client = RunningSandbox['client'];

function python(source: string, wallMs = 10_000): ExecuteRequest {
  return ExecuteRequest.fromPartial({ execution: { source: Buffer.from(source), limits: { wallMs } } });
}

/** Takes the only slot until it is told to let go. */
async function hold(client: Client): Promise<() => void> {
  const stream = bidiStream(client, 'executeStream');
  const { execution } = python('import sys\nprint("held", flush=True)\nsys.stdin.read()', 60_000);
  await stream.write(
    ExecuteStreamRequest.fromPartial({ input: { $case: 'start', value: execution as never } }),
  );
  const responses = stream[Symbol.asyncIterator]();
  await responses.next();
  return () => stream.end();
}

/** Leaves processes behind that hold on to nothing of it and can be found from outside. */
function family(mark: string): string {
  return [
    'import os',
    `sleep = ["python3", "-c", "import time; time.sleep(60)", "${mark}"]`,
    'for _ in range(2):',
    '    if os.fork() == 0:',
    '        os.setsid()',
    '        if os.fork() == 0: os.execv("/usr/bin/python3", sleep)',
    '        os.execv("/usr/bin/python3", sleep)',
    'os.execv("/usr/bin/python3", sleep)',
  ].join('\n');
}

describe('the queue', () => {
  it("counts for nobody's limit", async () => {
    const { client } = await start({ FLOW_SANDBOX_SLOTS: '1' });
    const letGo = await hold(client);
    const waiting = unary(client, 'execute', python('print(1)', 400));
    await sleep(900);
    letGo();
    const { result } = await waiting;
    expect(result).toMatchObject({ status: ExecutionStatus.EXECUTION_STATUS_EXITED, exitCode: 0 });
    expect(result?.queueMs).toBeGreaterThan(400);
    expect(result?.wallMs).toBeLessThan(400);
  });

  it('lets tenants take turns, and a full one gives up the last of whoever waits with the most', async () => {
    const { client } = await start({ FLOW_SANDBOX_SLOTS: '1', FLOW_SANDBOX_MAX_QUEUED: '4' });
    const letGo = await hold(client);
    const ended: string[] = [];
    const run = async (tenant: string, name: string): Promise<unknown> => {
      const call = unary(client, 'execute', python('print(1)'), { tenant });
      return call.then(
        () => ended.push(name),
        (error: unknown) => error,
      );
    };
    const greedy: Promise<unknown>[] = [];
    for (const name of ['a1', 'a2', 'a3', 'a4']) {
      greedy.push(run('a', name));
      // One connection keeps calls in order; what arrived is asked for by a call that comes after it.
      await unary(client, 'getCapabilities', {});
    }
    const modest = run('b', 'b1');
    const refused = await greedy[3];
    expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'SANDBOX_QUEUE_FULL' });
    expect((refused as { options: { retryAfterMs: number } }).options.retryAfterMs).toBeGreaterThan(0);
    letGo();
    await Promise.all([...greedy, modest]);
    expect(ended).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('forgets a call that is cancelled in it', async () => {
    const { client } = await start({ FLOW_SANDBOX_SLOTS: '1', FLOW_SANDBOX_MAX_QUEUED: '1' });
    const letGo = await hold(client);
    const cancel = new AbortController();
    const first = unary(client, 'execute', python('print(1)'), { signal: cancel.signal });
    first.catch(() => undefined);
    await expect(unary(client, 'execute', python('print(2)'))).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
    });
    cancel.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    // The server hears of it a moment later; then there is room for one that waits.
    const tryAgain = async (): Promise<string> => {
      const second = unary(client, 'execute', python('print(3)'));
      const outcome = second.then(
        ({ result }) => result?.stdout.toString() ?? '',
        () => 'refused',
      );
      if ((await Promise.race([outcome, sleep(200, 'waits')])) === 'refused') return tryAgain();
      letGo();
      return outcome;
    };
    expect(await tryAgain()).toBe('3\n');
  });
});

/** Each method that runs programs, called with one that has a family. */
const METHODS: Readonly<
  Record<string, (client: Client, source: string, options: CallOptions) => Promise<unknown>>
> = {
  execute: (client, source, options) => unary(client, 'execute', python(source, 60_000), options),
  executeBatch: async (client, source, options) => {
    const stream = bidiStream(client, 'executeBatch', options);
    await stream.write(ExecuteBatchRequest.fromPartial({ executionId: 'a', ...python(source, 60_000) }));
    for await (const _ of stream);
  },
  executeStream: async (client, source, options) => {
    const stream = bidiStream(client, 'executeStream', options);
    const value = python(source, 60_000).execution as never;
    await stream.write(ExecuteStreamRequest.fromPartial({ input: { $case: 'start', value } }));
    for await (const _ of stream);
  },
  grade: (client, source, options) => {
    const value = { entryPoint: 'f', testCode: '', asserts: ['assert f(1) == 2'] };
    const candidate = Buffer.from(source);
    const suite = { suite: { $case: 'function' as const, value } };
    const limits = { wallMs: 60_000 };
    return unary(
      client,
      'grade',
      GradeRequest.fromPartial({ candidate, suite, limits, caseWallMs: 60_000 }),
      options,
    );
  },
};

describe('the end of a call', () => {
  it.each(Object.entries(METHODS))(
    'takes the whole family of its program with it: %s',
    async (name, call) => {
      const { client } = await start();
      for (const [how, code] of [
        ['cancelled', 'CANCELLED'],
        ['late', 'DEADLINE_EXCEEDED'],
      ] as const) {
        const mark = `family-${name}-${how}-${process.pid}`;
        const cancel = new AbortController();
        const options = how === 'late' ? { deadlineMs: 4000 } : { signal: cancel.signal };
        const ended = call(client, family(mark), options).catch((error: unknown) => error);
        await until(() => processesWith(mark).length === 5, 4000);
        expect(processesWith(mark)).toHaveLength(5);
        cancel.abort();
        expect(await ended).toMatchObject({ code });
        await until(() => processesWith(mark).length === 0, 2000);
        expect(processesWith(mark)).toEqual([]);
      }
    },
  );
});
