import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ExecuteStreamRequest } from '@flowreasoner/contracts/sandbox';
import {
  ExecuteBatchRequest,
  ExecuteRequest,
  ExecutionStatus,
  GetCapabilitiesRequest,
  GradeRequest,
  PutBlobRequest,
  VerdictStatus,
  type ExecuteStreamResponse,
} from '@flowreasoner/contracts/sandbox';
import { bidiStream, unary } from '@flowreasoner/rpc';
import { startApp } from '@flowreasoner/testing';
import { descendants, isRunning, processesWith as jailed } from './testing/processes.js';
import { sandboxes, sleeper, until } from './testing/running-sandbox.js';

const start = sandboxes();

function python(source: string, limits: { wallMs?: number } = {}): ExecuteRequest {
  return ExecuteRequest.fromPartial({ execution: { source: Buffer.from(source), limits } });
}

describe('the sandbox service', () => {
  it('answers every method or refuses it with a reason, and prints only JSON logs on standard error', async () => {
    const { client, app } = await start();
    const { result } = await unary(client, 'execute', python('print(1 + 1)'));
    expect(result).toMatchObject({
      status: ExecutionStatus.EXECUTION_STATUS_EXITED,
      backend: 'jail',
      exitCode: 0,
    });
    expect(result?.stdout.toString()).toBe('2\n');

    const capabilities = await unary(client, 'getCapabilities', GetCapabilitiesRequest.fromPartial({}));
    const [backend] = capabilities.backends;
    expect(backend).toMatchObject({ name: 'jail', available: true, reason: '' });
    const enforced = Object.fromEntries(backend?.capabilities.map((one) => [one.name, one.enforced]) ?? []);
    expect(enforced).toMatchObject({
      ...{ network: true, filesystem: true, environment: true, processes: true, privileges: true },
      ...{ memory: true, pids: true, cpu: true, wall: true, disk: true, output: true, launcher: true },
    });

    const { verdict } = await unary(
      client,
      'grade',
      GradeRequest.fromPartial({
        candidate: Buffer.from('def f(x): return x + 1'),
        suite: {
          suite: {
            $case: 'function',
            value: { entryPoint: 'f', testCode: '', asserts: ['assert f(1) == 2'] },
          },
        },
      }),
    );
    expect(verdict).toMatchObject({ status: VerdictStatus.VERDICT_STATUS_PASSED, passed: 1, total: 1 });

    const data = Buffer.from('VALUE = 5');
    const { sha256 } = await unary(client, 'putBlob', PutBlobRequest.fromPartial({ data }));
    const files = [{ path: 'shared.py', content: { $case: 'blobSha256' as const, value: sha256 } }];
    const source = Buffer.from('import shared; print(shared.VALUE)');
    const shared = await unary(
      client,
      'execute',
      ExecuteRequest.fromPartial({ execution: { source, files } }),
    );
    expect(shared.result?.stdout.toString()).toBe('5\n');
    await expect(unary(client, 'execute', ExecuteRequest.fromPartial({}))).rejects.toMatchObject({
      ...{ code: 'INVALID_ARGUMENT', reason: 'EXECUTION_MISSING' },
    });
    const rejected = await unary(
      client,
      'execute',
      ExecuteRequest.fromPartial({ execution: { env: { lower: 'x' } } }),
    );
    expect(rejected.result?.status).toBe(ExecutionStatus.EXECUTION_STATUS_REJECTED);

    expect(await app.stop()).toBe(0);
    expect(app.printed()).toBe('');
    for (const line of app.logs().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  });

  it('runs programs on the backend that a request names, and says what is there when it is not', async () => {
    const { client } = await start({
      FLOW_SANDBOX_DOCKER_IMAGE: 'any',
      FLOW_SANDBOX_DOCKER_SOCKET_PATH: '/nonexistent',
    });
    const on = (backend: string) =>
      ExecuteRequest.fromPartial({ execution: { source: Buffer.from('print(1)'), backend } });
    expect((await unary(client, 'execute', on('jail'))).result?.backend).toBe('jail');
    await expect(unary(client, 'execute', on('wasm'))).rejects.toMatchObject({
      ...{ code: 'INVALID_ARGUMENT', reason: 'BACKEND_UNKNOWN' },
      message: 'there is no backend "wasm"; available: jail',
    });
    const unavailable = { code: 'UNAVAILABLE', reason: 'BACKEND_UNAVAILABLE' };
    await expect(unary(client, 'execute', on('docker'))).rejects.toMatchObject({
      ...unavailable,
      message: "the docker backend can't run programs now: no Docker daemon listens on /nonexistent",
    });
    const suite = {
      suite: {
        $case: 'values' as const,
        value: { entryPoint: 'f', cases: [{ argumentsJson: '[]', expectedJson: '1' }] },
      },
    };
    const grading = GradeRequest.fromPartial({
      candidate: Buffer.from('def f(): return 1'),
      suite,
      backend: 'docker',
    });
    await expect(unary(client, 'grade', grading)).rejects.toMatchObject(unavailable);

    const { backends } = await unary(client, 'getCapabilities', GetCapabilitiesRequest.fromPartial({}));
    expect(backends.map(({ name, available }) => [name, available])).toEqual([
      ['jail', true],
      ['docker', false],
    ]);
    expect(backends[0]?.probes.length).toBeGreaterThanOrEqual(15);
    expect(backends[0]?.probes.filter(({ contained }) => !contained)).toEqual([]);

    const stream = bidiStream(client, 'executeBatch');
    for (const backend of ['wasm', 'docker', 'jail']) {
      await stream.write(ExecuteBatchRequest.fromPartial({ executionId: backend, ...on(backend) }));
    }
    stream.end();
    const statuses = new Map<string, ExecutionStatus | undefined>();
    for await (const { executionId, result } of stream) statuses.set(executionId, result?.status);
    expect(Object.fromEntries(statuses)).toEqual({
      wasm: ExecutionStatus.EXECUTION_STATUS_REJECTED,
      docker: ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR,
      jail: ExecutionStatus.EXECUTION_STATUS_EXITED,
    });
  });

  it('does not become ready without its default backend, and says what is missing', async () => {
    const { child, logs } = startApp('sandbox', {
      env: { FLOW_SANDBOX_DEFAULT_BACKEND: 'docker' },
      keepLogs: true,
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).not.toBe(0);
    expect(logs()).toContain('the docker backend: not set up');
  });

  it('runs a batch, giving results as they finish', async () => {
    const { client } = await start({ FLOW_SANDBOX_SLOTS: '2' });
    const stream = bidiStream(client, 'executeBatch');
    for (const [executionId, source] of [
      ['slow', 'import time; time.sleep(0.8); print("slow")'],
      ['fast', 'print("fast")'],
      ['third', 'print("third")'],
    ] as const) {
      await stream.write(
        ExecuteBatchRequest.fromPartial({ executionId, execution: { source: Buffer.from(source) } }),
      );
    }
    stream.end();
    const got: string[] = [];
    for await (const { executionId, result } of stream)
      got.push(`${executionId}=${result?.stdout.toString().trim()}`);
    expect(got).toEqual(['fast=fast', 'third=third', 'slow=slow']);
  });

  it('runs a program interactively', async () => {
    const { client } = await start();
    const stream = bidiStream(client, 'executeStream');
    const source = [
      'import os, signal, sys',
      // Not print: the signal may come while the echo is still being flushed, and print can't be entered twice.
      'signal.signal(signal.SIGUSR1, lambda *_: (os.write(1, b"signalled\\n"), sys.exit(3)))',
      'for line in sys.stdin: print("echo", line.strip(), flush=True)',
      'signal.pause()',
    ].join('\n');
    const send = (input: ExecuteStreamRequest['input']) => stream.write({ input });
    await send({ $case: 'start', value: python(source).execution as never });
    await send({ $case: 'stdin', value: Buffer.from('hello\n') });
    const text: string[] = [];
    let last: ExecuteStreamResponse['output'];
    for await (const { output } of stream) {
      last = output;
      if (output?.$case !== 'stdout') continue;
      text.push(output.value.toString());
      if (output.value.toString().includes('echo')) {
        await send({ $case: 'closeStdin', value: true });
        await send({ $case: 'signal', value: 'SIGUSR1' });
        stream.end();
      }
    }
    expect(text.join('')).toBe('echo hello\nsignalled\n');
    expect(last?.$case).toBe('result');
    expect(last?.$case === 'result' && last.value.exitCode).toBe(3);
  });

  it('refuses what does not fit into the queue, says when to try again, and does not count the wait', async () => {
    const { client } = await start({ FLOW_SANDBOX_SLOTS: '1', FLOW_SANDBOX_MAX_QUEUED: '1' });
    const request = python('import time; time.sleep(0.5)', { wallMs: 2000 });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => unary(client, 'execute', request)));
    const done = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value.result] : [],
    );
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'SANDBOX_QUEUE_FULL' });
    expect((refused[0] as { options: { retryAfterMs: number } }).options.retryAfterMs).toBeGreaterThan(0);
    const waits = done.map((result) => result?.queueMs ?? 0).sort((a, b) => a - b);
    expect(waits[0]).toBeLessThan(100);
    expect(waits[1]).toBeGreaterThan(400);
    for (const result of done) expect(result?.wallMs).toBeLessThan(1500);
  });

  it('kills the program within 200 ms when the caller cancels, or its deadline passes', async () => {
    const { client } = await start();
    const mark = `cancelled-${process.pid}`;
    const cancel = new AbortController();
    const call = unary(client, 'execute', python(sleeper(mark)), { signal: cancel.signal });
    call.catch(() => undefined);
    await until(() => jailed(mark).length > 0, 10_000);
    cancel.abort();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await until(() => jailed(mark).length === 0, 2000)).toBeLessThan(200);

    const late = unary(client, 'execute', python(sleeper(mark)), { deadlineMs: 700 });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await until(() => jailed(mark).length === 0, 2000)).toBeLessThan(200);
  });

  it('lets calls in progress finish when told to stop', async () => {
    const { client, app } = await start();
    const mark = `draining-${process.pid}`;
    const call = unary(client, 'execute', python(`import time; time.sleep(1); print("${mark}")`));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stopped = app.stop();
    expect((await call).result?.stdout.toString()).toBe(`${mark}\n`);
    expect(await stopped).toBe(0);
  });

  it('takes its jails with it when it is killed', async () => {
    const { client, app } = await start();
    const mark = `orphaned-${process.pid}`;
    const call = unary(client, 'execute', python(sleeper(mark)));
    call.catch(() => undefined);
    await until(() => jailed(mark).length > 0, 10_000);
    app.child.kill('SIGKILL');
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await until(() => jailed(mark).length === 0, 2000)).toBeLessThan(2000);
    expect(jailed(mark)).toEqual([]);
  });

  it('ends with its standard input when asked to', async () => {
    const { app } = await start({ FLOW_SANDBOX_STOP_WITH_STDIN: 'true' });
    app.child.stdin?.end();
    expect(await once(app.child, 'exit')).toEqual([0, null]);
  });

  it.each([1, 3, 6, 12])(
    'ends in order when it is told to stop with %i processes of its probes at work',
    async (processes) => {
      const app = startApp('sandbox', { env: { FLOW_SANDBOX_ADDRESS: 'unix:unused.sock' }, keepLogs: true });
      const pid = app.child.pid ?? 0;
      let begun: readonly number[] = [];
      await until(() => (begun = descendants(pid)).length >= processes, 20_000);
      expect(await app.stop()).toBe(0);
      expect(app.logs()).toBe('');
      expect(await until(() => !begun.some(isRunning), 2_000)).toBeLessThan(2_000);
    },
  );

  it('names a variable that is wrong', async () => {
    const { child, logs } = startApp('sandbox', { env: { FLOW_SANDBOX_SLOTS: 'many' }, keepLogs: true });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(78);
    expect(logs()).toContain('FLOW_SANDBOX_SLOTS');
  });
});
