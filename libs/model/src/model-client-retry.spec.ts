import { FlowError } from '@flowreasoner/rpc';
import { answer, failure } from '@flowreasoner/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, errorOf, startFixture } from './client-fixture.js';
import type { ClientFixture } from './client-fixture.js';
import type { RestartedSamples } from './completion.js';
import { ModelLimits } from './limits.js';

let fixture: ClientFixture;
afterEach(() => fixture.close());

/** A wait between attempts; the time limits of attempts are longer. */
const isBackoff = (delayMs: number): boolean => delayMs < 100_000;

/** Lets `count` waits between attempts pass, and returns how long they were. */
async function passBackoffs(count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let passed = 0; passed < count; passed += 1) {
    const waitMs = await fixture.clock.whenScheduled(isBackoff);
    waits.push(waitMs);
    await fixture.clock.advance(waitMs);
  }
  return waits;
}

describe('retries', () => {
  it.each([
    ['429', failure(429), 'MODEL_RATE_LIMITED'],
    ['500', failure(500), 'MODEL_SERVER_ERROR'],
    ['503', failure(503), 'MODEL_SERVER_ERROR'],
    ['a dropped connection', { kind: 'drop' } as const, 'MODEL_UNREACHABLE'],
    [
      'a broken stream',
      answer('long enough', { fault: { kind: 'cut', afterChunks: 2 } }),
      'MODEL_STREAM_BROKEN',
    ],
    ['a stream that stops early', answer('x', { finishReason: null }), 'MODEL_STREAM_BROKEN'],
  ])('follow %s, as often as allowed', async (_name, reply, reason) => {
    fixture = await startFixture([reply, reply, answer('good'), reply, reply, reply], {
      endpoint: { maxRetries: 2 },
    });
    const good = fixture.client.complete(ask());
    const waits = await passBackoffs(2);
    expect((await good).text).toBe('good');
    expect(waits[0]).toBeLessThanOrEqual(500);
    expect(waits[1]).toBeLessThanOrEqual(1000);
    expect(fixture.warnings.map(({ fields }) => fields.reason)).toEqual([reason, reason]);

    const bad = errorOf(fixture.client.complete(ask()));
    await passBackoffs(2);
    expect((await bad).reason).toBe(reason);
    expect(fixture.server.counts().received).toBe(6);
  });

  it('follow a connection that is refused', async () => {
    fixture = await startFixture([]);
    await fixture.server.close();
    const bad = errorOf(fixture.client.complete(ask()));
    await passBackoffs(4);
    expect(await bad).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_UNREACHABLE' });
  });

  it.each([
    [400, 'MODEL_REJECTED'],
    [401, 'MODEL_UNAUTHORIZED'],
    [403, 'MODEL_UNAUTHORIZED'],
    [404, 'MODEL_NOT_FOUND'],
    [422, 'MODEL_REJECTED'],
    [307, 'MODEL_REJECTED'],
  ])('never follow status %d', async (status, reason) => {
    fixture = await startFixture([failure(status)]);
    expect(await errorOf(fixture.client.complete(ask()))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason,
    });
    expect(fixture.server.counts().received).toBe(1);
  });

  it('wait as long as Retry-After says, and a little for jitter', async () => {
    fixture = await startFixture([failure(429, { retryAfter: '7' }), answer('good')]);
    const good = fixture.client.complete(ask());
    const [waitMs] = await passBackoffs(1);
    expect(waitMs).toBeGreaterThanOrEqual(7000);
    expect(waitMs).toBeLessThan(7500);
    expect((await good).text).toBe('good');
  });

  it('do not wait for a Retry-After beyond the limit, but report it', async () => {
    fixture = await startFixture([failure(429, { retryAfter: '121' })]);
    const error = await errorOf(fixture.client.complete(ask()));
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'MODEL_RATE_LIMITED' });
    expect(error.options.retryAfterMs).toBe(121_000);
  });

  it('do not wait beyond the deadline: the last failure is reported at once', async () => {
    fixture = await startFixture([failure(429, { retryAfter: '30' })]);
    const error = await errorOf(fixture.client.complete(ask(), { deadlineMs: fixture.clock.now() + 10_000 }));
    expect(error.reason).toBe('MODEL_RATE_LIMITED');
  });

  it('never follow text that was handed out, unless a restart can be told', async () => {
    const broken = answer('long enough', { fault: { kind: 'cut', afterChunks: 3 } });
    fixture = await startFixture([broken, broken, answer('good')]);
    const onDelta = (): void => undefined;
    expect((await errorOf(fixture.client.complete(ask(), { onDelta }))).reason).toBe('MODEL_STREAM_BROKEN');
    expect(fixture.server.counts().received).toBe(1);

    let seen = '';
    const restarts: RestartedSamples[] = [];
    const restarted = fixture.client.complete(ask(), {
      onDelta: ({ text }) => (seen += text),
      onRestart: (samples) => {
        restarts.push(samples);
        seen = '';
      },
    });
    await passBackoffs(1);
    expect((await restarted).text).toBe('good');
    expect(restarts).toEqual([{ firstIndex: 0, count: 1 }]);
    expect(seen).toBe('good');
  });

  it('tell a restart where the attempt may have run, and wait for who is told', async () => {
    fixture = await startFixture([{ kind: 'drop' }, answer('good')]);
    let done: Promise<{ readonly text: string }> | undefined;
    const go = await new Promise<() => void>((told) => {
      const onRestart = (): Promise<void> => new Promise((resolve) => told(resolve));
      done = fixture.client.complete(ask(), { onRestart });
      void passBackoffs(1);
    });
    expect(fixture.server.counts().received).toBe(1);
    go();
    expect((await done)?.text).toBe('good');
  });

  it('keep an answer whose stream broke only after its end', async () => {
    // role, text, finish reason; the usage is lost.
    fixture = await startFixture([answer('x', { fault: { kind: 'cut', afterChunks: 3 } })]);
    expect(await fixture.client.complete(ask())).toMatchObject({ text: 'x', usage: { reported: false } });
  });
});

describe('abort and time limits', () => {
  it.each([
    ['before the first byte', { kind: 'hang' } as const],
    ['in the middle of a stream', answer('text', { fault: { kind: 'silence', afterChunks: 2 } })],
  ])('an abort %s closes the connection at once', async (_name, reply) => {
    fixture = await startFixture([reply]);
    const controller = new AbortController();
    const error = errorOf(fixture.client.complete(ask(), { signal: controller.signal }));
    await fixture.server.until((counts) => counts.received === 1);
    controller.abort();
    expect(await error).toMatchObject({ code: 'CANCELLED', reason: 'MODEL_CALL_CANCELLED' });
    await fixture.server.until((counts) => counts.aborted === 1);
    expect(fixture.clock.pending()).toEqual([]);
  });

  it("throws the signal's reason where that is a FlowError, and sends nothing when aborted before", async () => {
    fixture = await startFixture([]);
    const reason = new FlowError('ABORTED', 'RUN_LOST', 'Another replica owns the run.');
    expect(await errorOf(fixture.client.complete(ask(), { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(fixture.server.counts().received).toBe(0);
  });

  it('an abort ends the wait between attempts', async () => {
    fixture = await startFixture([failure(500)]);
    const controller = new AbortController();
    const error = errorOf(fixture.client.complete(ask(), { signal: controller.signal }));
    await fixture.clock.whenScheduled(isBackoff);
    controller.abort();
    expect((await error).code).toBe('CANCELLED');
    expect(fixture.server.counts().received).toBe(1);
  });

  it('the deadline ends a request', async () => {
    fixture = await startFixture([{ kind: 'hang' }]);
    const error = errorOf(fixture.client.complete(ask(), { deadlineMs: fixture.clock.now() + 5000 }));
    await fixture.server.until((counts) => counts.received === 1);
    await fixture.clock.advance(5000);
    expect(await error).toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'MODEL_CALL_DEADLINE' });
    await fixture.server.until((counts) => counts.aborted === 1);
    const late = fixture.client.complete(ask(), { deadlineMs: fixture.clock.now() });
    expect((await errorOf(late)).reason).toBe('MODEL_CALL_DEADLINE');
    expect(fixture.server.counts().received).toBe(1);
  });

  it('a silent endpoint is given up and tried again', async () => {
    const silent = answer('text', { fault: { kind: 'silence', afterChunks: 2 } });
    fixture = await startFixture([{ kind: 'hang' }, silent], {
      endpoint: { maxRetries: 1, idleTimeoutMs: 200_000 },
    });
    const error = errorOf(fixture.client.complete(ask()));
    await fixture.server.until((counts) => counts.received === 1);
    await fixture.clock.advance(200_000);
    await passBackoffs(1);
    await fixture.server.until((counts) => counts.received === 2);
    await fixture.clock.advance(250_000);
    expect(await error).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_TIMEOUT' });
    expect((await error).message).toContain('silent for 200000 ms');
    expect((await error).options.hint).toContain('idleTimeoutMs');
    await fixture.server.until((counts) => counts.aborted === 2);
  });

  it('an attempt has a time limit of its own', async () => {
    fixture = await startFixture([{ kind: 'hang' }], {
      endpoint: { maxRetries: 0, requestTimeoutMs: 1000 },
    });
    const error = errorOf(fixture.client.complete(ask()));
    await fixture.server.until((counts) => counts.received === 1);
    await fixture.clock.advance(1000);
    expect((await error).message).toContain('within 1000 ms');
  });

  it('a slow first byte within the limits is waited for', async () => {
    const gate = Promise.withResolvers<void>();
    fixture = await startFixture([answer('late', { hold: gate.promise, headersFirst: true })]);
    const completion = fixture.client.complete(ask());
    await fixture.server.until((counts) => counts.received === 1);
    await fixture.clock.advance(170_000);
    gate.resolve();
    expect((await completion).text).toBe('late');
  });

  it('a stream that keeps coming is not silent, however long it takes', async () => {
    const steps = [1, 2, 3].map(() => Promise.withResolvers<void>());
    fixture = await startFixture(
      [answer('abcdefghijkl', { beforeChunk: async (at) => steps[at - 1]?.promise })],
      {
        endpoint: { maxRetries: 0, idleTimeoutMs: 1000 },
      },
    );
    let pieces = 0;
    let arrived = Promise.withResolvers<void>();
    const onDelta = (): void => {
      pieces += 1;
      arrived.resolve();
    };
    const completion = fixture.client.complete(ask(), { onDelta, deadlineMs: fixture.clock.now() + 1e9 });
    await fixture.server.until((counts) => counts.received === 1);
    for (const step of steps) {
      await fixture.clock.advance(900);
      arrived = Promise.withResolvers();
      step.resolve();
      await arrived.promise;
    }
    expect((await completion).text).toBe('abcdefghijkl');
    expect(pieces).toBe(3);
    expect(fixture.clock.pending()).toEqual([]);
  });

  it('listing models has a time limit', async () => {
    fixture = await startFixture([], { server: { listReply: { kind: 'hang' } } });
    const error = errorOf(fixture.client.probeEndpoint());
    await fixture.clock.advance(ModelLimits.listTimeoutMs);
    expect(await error).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_TIMEOUT' });
    expect((await error).message).toContain(`within ${ModelLimits.listTimeoutMs} ms`);
  });

  it.each([
    ['garbage', { kind: 'garbage', body: 'hm', contentType: 'text/plain' } as const],
    ['JSON of something else', { kind: 'status', status: 200, body: { data: 5 } } as const],
  ])('%s is not a list of models', async (_name, listReply) => {
    fixture = await startFixture([], { server: { listReply } });
    expect((await errorOf(fixture.client.listModels())).reason).toBe('MODEL_BAD_RESPONSE');
  });
});

describe('concurrency', () => {
  it('keeps to the limit of the endpoint, in the order of arrival', async () => {
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    fixture = await startFixture(
      (request) => answer('x', { hold: gates[request.index]?.promise ?? Promise.resolve() }),
      {
        endpoint: { concurrency: 2 },
      },
    );
    const calls = [10, 11, 12, 13].map((seed) => fixture.client.complete(ask({ seed })));
    await fixture.server.until((counts) => counts.received === 2);
    for (const gate of gates) gate.resolve();
    await Promise.all(calls);
    expect(fixture.server.counts().mostAtOnce).toBe(2);
    const seeds = fixture.server.requests.map(({ body }) => body.seed);
    expect(seeds.slice(0, 2).sort()).toEqual([10, 11]);
    expect(seeds.slice(2).sort()).toEqual([12, 13]);
  });

  it('lets a call that waits for its place go when it is aborted', async () => {
    const gate = Promise.withResolvers<void>();
    fixture = await startFixture([answer('x', { hold: gate.promise }), answer('y')], {
      endpoint: { concurrency: 1 },
    });
    const first = fixture.client.complete(ask());
    await fixture.server.until((counts) => counts.received === 1);
    const controller = new AbortController();
    const waiting = errorOf(fixture.client.complete(ask(), { signal: controller.signal }));
    const last = fixture.client.complete(ask());
    controller.abort();
    expect((await waiting).code).toBe('CANCELLED');
    gate.resolve();
    expect((await first).text).toBe('x');
    expect((await last).text).toBe('y');
    expect(fixture.server.counts().received).toBe(2);
  });
});
