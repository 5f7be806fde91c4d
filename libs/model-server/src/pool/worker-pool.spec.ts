import { describe, expect, it } from 'vitest';
import { FlowError } from '@flowreasoner/rpc';
import type { WorkerHandle } from '../ports.js';
import type { FromWorker, ToWorker } from '../worker/protocol.js';
import { STUCK_AFTER_MS } from './worker-slot.js';
import { WorkerPool } from './worker-pool.js';
import type { SampleEvent, SampleRequest } from './worker-pool.js';

/** A worker process of which the test plays the part. */
class FakeWorker implements WorkerHandle {
  static nextPid = 1;
  readonly pid = FakeWorker.nextPid++;
  readonly sent: ToWorker[] = [];
  killed = false;
  private tellMessage: (message: FromWorker) => void = () => undefined;
  private tellExit: (how: string) => void = () => undefined;

  send(message: ToWorker): void {
    this.sent.push(message);
  }
  kill(): void {
    this.killed = true;
    this.tellExit('SIGKILL');
  }
  onMessage(listener: (message: FromWorker) => void): void {
    this.tellMessage = listener;
  }
  onExit(listener: (how: string) => void): void {
    this.tellExit = listener;
  }
  say(message: FromWorker): void {
    this.tellMessage(message);
  }
  ready(): void {
    this.say({ type: 'ready', contextSize: 100, loadMs: 1 });
  }
  get job(): Extract<ToWorker, { type: 'generate' }> {
    const job = this.sent.findLast((message) => message.type === 'generate');
    if (job === undefined) throw new Error('no job was sent');
    return job;
  }
  answer(text: string): void {
    const { id } = this.job;
    this.say({ type: 'event', id, event: { type: 'started', promptTokens: 3, cachedTokens: 0 } });
    this.say({ type: 'event', id, event: { type: 'text', text } });
    this.say({ type: 'event', id, event: { type: 'done', finishReason: 'stop', completionTokens: 1 } });
  }
}

/** Timers that run when the test says so. */
class FakeTimers {
  private readonly timers = new Set<{ at: number; run: () => void }>();
  private now = 0;
  readonly schedule = (afterMs: number, run: () => void): (() => void) => {
    const timer = { at: this.now + afterMs, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };
  advance(ms: number): void {
    this.now += ms;
    for (const timer of [...this.timers]) {
      if (timer.at > this.now || !this.timers.delete(timer)) continue;
      timer.run();
    }
  }
}

function request(content: string, samples = 1): SampleRequest {
  return {
    seed: 1,
    samples,
    job: {
      messages: [{ role: 'user', content }],
      maxTokens: 5,
      temperature: 1,
      topP: 1,
      topK: 0,
      minP: 0,
      stop: [],
      constraint: undefined,
    },
  };
}

async function setUp(workers: number, maxWaiting = 10) {
  const spawned: FakeWorker[] = [];
  const timers = new FakeTimers();
  const pool = new WorkerPool({
    spawn: () => {
      const worker = new FakeWorker();
      spawned.push(worker);
      return worker;
    },
    schedule: timers.schedule,
    log: () => undefined,
    workers,
    maxWaiting,
  });
  const started = pool.start();
  for (const worker of spawned) worker.ready();
  await started;
  const at = (index: number): FakeWorker => {
    const worker = spawned[index];
    if (worker === undefined) throw new Error(`worker ${index} was not started`);
    return worker;
  };
  return { pool, timers, spawned, at };
}

/** Starts reading at once; resolves to the texts, or rejects. */
async function read(events: AsyncIterable<SampleEvent>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { sample, event } of events) {
    if (event.type === 'text') texts[sample] = (texts[sample] ?? '') + event.text;
  }
  return texts;
}

const never = new AbortController().signal;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('WorkerPool', () => {
  it('spreads the samples of a request over free workers, with seeds of their own', async () => {
    const { pool, at } = await setUp(2);
    const texts = read(pool.generate(request('a', 3), never));
    at(0).answer('x');
    at(1).answer('y');
    await settle();
    at(0).answer('z');
    expect(await texts).toEqual(['x', 'y', 'z']);
    const seeds = [at(0), at(1)].flatMap((worker) =>
      worker.sent.flatMap((message) => (message.type === 'generate' ? message.job.seed : [])),
    );
    expect(new Set(seeds).size).toBe(3);
  });

  it('refuses more waiting requests than the limit, and says when to come back', async () => {
    const { pool, at } = await setUp(1, 1);
    const first = read(pool.generate(request('a'), never));
    const second = read(pool.generate(request('b'), never));
    const refused = await read(pool.generate(request('c'), never)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FlowError);
    expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED', options: { retryAfterMs: 1_000 } });
    at(0).answer('1');
    await first;
    at(0).answer('2');
    expect(await second).toEqual(['2']);
  });

  it('answers with an error when the worker dies, starts another and goes on', async () => {
    const { pool, timers, at } = await setUp(1);
    const lost = read(pool.generate(request('a'), never)).catch((error: unknown) => error);
    await settle();
    at(0).kill();
    expect(await lost).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_WORKER_LOST' });
    expect(pool.status().alive).toBe(0);
    const next = read(pool.generate(request('b'), never));
    timers.advance(0);
    at(1).ready();
    await settle();
    at(1).answer('ok');
    expect(await next).toEqual(['ok']);
  });

  it('ends a worker that gives no sign of life, but not one that reads a long prompt', async () => {
    const { pool, timers, at } = await setUp(1);
    const stuck = read(pool.generate(request('a'), never)).catch((error: unknown) => error);
    await settle();
    timers.advance(STUCK_AFTER_MS - 1);
    at(0).say({ type: 'progress', id: at(0).job.id });
    timers.advance(STUCK_AFTER_MS - 1);
    expect(at(0).killed).toBe(false);
    timers.advance(1);
    expect(at(0).killed).toBe(true);
    expect(await stuck).toMatchObject({ reason: 'MODEL_WORKER_LOST' });
  });

  it('aborts what runs and forgets what waits when the caller goes away', async () => {
    const { pool, at } = await setUp(1);
    const abort = new AbortController();
    const gone = read(pool.generate(request('a', 3), abort.signal));
    await settle();
    abort.abort();
    expect(await gone).toEqual([]);
    const { id } = at(0).job;
    expect(at(0).sent.at(-1)).toEqual({ type: 'abort', id });
    expect(pool.status()).toMatchObject({ busy: 1, waiting: 0 });
    at(0).say({ type: 'aborted', id });
    expect(pool.status().busy).toBe(0);
  });

  it("passes on a worker's refusal with the field", async () => {
    const { pool, at } = await setUp(1);
    const refused = read(pool.generate(request('a', 2), never)).catch((error: unknown) => error);
    await settle();
    const rejection = { param: 'grammar', code: 'invalid_grammar', message: 'bad' } as const;
    at(0).say({ type: 'rejected', id: at(0).job.id, rejection });
    expect(await refused).toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [{ field: 'grammar' }] },
    });
    expect(pool.status()).toMatchObject({ busy: 0, waiting: 0 });
  });

  it('fails to start when the model is unusable, and says why', async () => {
    const worker = new FakeWorker();
    const pool = new WorkerPool({
      spawn: () => worker,
      schedule: () => () => undefined,
      log: () => undefined,
      workers: 1,
      maxWaiting: 1,
    });
    const started = pool.start();
    worker.say({ type: 'unusable', message: 'not ChatML' });
    worker.kill();
    await expect(started).rejects.toThrow(/not ChatML/);
  });

  it('tells those who wait when workers keep failing to start', async () => {
    const { pool, timers, spawned, at } = await setUp(1);
    at(0).kill();
    const waiting = read(pool.generate(request('a'), never)).catch((error: unknown) => error);
    await settle();
    for (let round = 1; round <= 3; round++) {
      timers.advance(60_000);
      spawned.at(-1)?.kill();
    }
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_WORKER_FAILED' });
  });
});
