import { answer, failure } from '@flowreasoner/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createBudgetGate } from './budget.js';
import { ask, errorOf, startFixture } from './client-fixture.js';
import type { ClientFixture } from './client-fixture.js';
import { promptTokenBound } from './token-bound.js';

let fixture: ClientFixture;
afterEach(() => fixture.close());

const prices = { m: { promptUsdPerMillion: 2, completionUsdPerMillion: 10 } };
const promptBound = promptTokenBound(ask());
const passBackoff = async (): Promise<void> =>
  fixture.clock.advance(await fixture.clock.whenScheduled((delayMs) => delayMs < 100_000));

describe('the budget of a call', () => {
  it('is charged what was used', async () => {
    const budget = createBudgetGate({ costUsd: 1 });
    fixture = await startFixture([answer('x', { usage: { promptTokens: 100, completionTokens: 20 } })], {
      endpoint: { prices },
    });
    await fixture.client.complete(ask(), { budget });
    expect(budget.snapshot()).toEqual({
      modelCalls: 1,
      promptTokens: 100,
      completionTokens: 20,
      costUsd: 0.0004,
      sandboxMs: 0,
    });
  });

  it('is checked before anything is sent, with the largest possible cost', async () => {
    fixture = await startFixture([answer('x')], { endpoint: { prices } });
    const most = (promptBound * 2 + 50 * 10) / 1e6;
    const tight = await errorOf(
      fixture.client.complete(ask(), { budget: createBudgetGate({ costUsd: most * 0.99 }) }),
    );
    expect(tight).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'BUDGET_EXCEEDED' });
    expect(fixture.server.counts().received).toBe(0);
    await fixture.client.complete(ask(), { budget: createBudgetGate({ costUsd: most }) });
  });

  it('refuses a model of unknown price up front where money is limited', async () => {
    fixture = await startFixture([answer('x')], { endpoint: { prices } });
    const request = ask({ ref: { model: 'new-model' } });
    const error = await errorOf(
      fixture.client.complete(request, { budget: createBudgetGate({ costUsd: 100 }) }),
    );
    expect(error.reason).toBe('PRICE_UNKNOWN');
    expect(error.message).toContain("'new-model'");
    expect(fixture.server.counts().received).toBe(0);
    const budget = createBudgetGate({ tokens: 1000 });
    await fixture.client.complete(request, { budget });
    expect(budget.snapshot().costUsd).toBeUndefined();
  });

  it('is not overshot by a burst, and every call that fits is made', async () => {
    const used = { promptTokens: 10, completionTokens: 50 };
    fixture = await startFixture(() => answer('x', { usage: used }));
    const budget = createBudgetGate({ tokens: 1000 });
    const calls = Array.from({ length: 40 }, (_, seed) => fixture.client.complete(ask({ seed }), { budget }));
    const outcomes = await Promise.allSettled(calls);
    const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
    // One more fits as long as its bound does: 1000 - 60 k >= bound.
    expect(done).toBe(Math.floor((1000 - (promptBound + 50)) / 60) + 1);
    expect(budget.snapshot()).toMatchObject({ modelCalls: done, promptTokens: 10 * done });
    expect(fixture.server.counts().received).toBe(done);
  });

  it('reserves for every sample that a request draws', async () => {
    fixture = await startFixture([answer(['a', 'b'])]);
    const needed = 2 * (promptBound + 50);
    const short = fixture.client.completeMany(ask(), 2, { budget: createBudgetGate({ tokens: needed - 1 }) });
    expect((await errorOf(short)).options.metadata).toMatchObject({ asked: String(needed) });
    await fixture.client.completeMany(ask(), 2, { budget: createBudgetGate({ tokens: needed }) });
  });

  it.each([
    ['draws them all', {}],
    ['draws one of them', { ignoreN: true }],
  ])('counts each sample as a model call, where the server %s', async (_, rest) => {
    fixture = await startFixture(() => answer(['a', 'b', 'c'], rest));
    const short = createBudgetGate({ modelCalls: 2 });
    const error = await errorOf(fixture.client.completeMany(ask(), 3, { budget: short }));
    expect(error.options.metadata).toMatchObject({ limit: 'modelCalls', allowed: '2', asked: '3' });
    expect(fixture.server.requests).toHaveLength(0);
    const budget = createBudgetGate({ modelCalls: 3 });
    expect(await fixture.client.completeMany(ask(), 3, { budget })).toHaveLength(3);
    expect(budget.snapshot().modelCalls).toBe(3);
  });

  it('refuses an endpoint that reports more than was reserved, and warns', async () => {
    fixture = await startFixture([answer('x', { usage: { promptTokens: 5000, completionTokens: 1 } })]);
    const budget = createBudgetGate({ tokens: 100_000 });
    expect((await fixture.client.complete(ask(), { budget })).usage.promptTokens).toBe(5000);
    expect(fixture.warnings).toHaveLength(1);
    const error = await errorOf(fixture.client.complete(ask(), { budget }));
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ENDPOINT_OVERRAN' });
    expect(fixture.server.counts().received).toBe(1);
  });

  it('is charged the bound for an answer that broke off, nothing for a refused request', async () => {
    const broken = answer('long enough', { fault: { kind: 'cut', afterChunks: 2 } });
    fixture = await startFixture([failure(429), failure(500), broken, failure(400)]);
    const budget = createBudgetGate({ tokens: 10_000 });
    const error = errorOf(fixture.client.complete(ask(), { budget }));
    for (let retry = 0; retry < 3; retry += 1) await passBackoff();
    expect((await error).reason).toBe('MODEL_REJECTED');
    expect(budget.snapshot()).toMatchObject({
      modelCalls: 1,
      promptTokens: promptBound,
      completionTokens: 50,
    });
  });

  it('is charged nothing where no connection can be made, which is not tried again', async () => {
    fixture = await startFixture([], { endpoint: { baseUrl: 'http://127.0.0.1:9/v1' } });
    const budget = createBudgetGate({ tokens: 1000 });
    const error = await errorOf(fixture.client.complete(ask(), { budget }));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_UNREACHABLE' });
    expect(error.message).toContain('bad port');
    expect(budget.snapshot()).toMatchObject({ modelCalls: 0, promptTokens: 0, completionTokens: 0 });
  });

  it('ends retries when it is used up', async () => {
    const broken = answer('long enough', { fault: { kind: 'cut', afterChunks: 2 } });
    fixture = await startFixture([broken, broken]);
    const budget = createBudgetGate({ modelCalls: 1 });
    const error = errorOf(fixture.client.complete(ask(), { budget }));
    await passBackoff();
    expect((await error).options.metadata).toMatchObject({ limit: 'modelCalls' });
    expect(fixture.server.counts().received).toBe(1);
  });

  it('is charged the bound for a request that was aborted, nothing for one that was never sent', async () => {
    fixture = await startFixture([{ kind: 'hang' }], { endpoint: { concurrency: 1 } });
    const budget = createBudgetGate({ tokens: 10_000 });
    const controller = new AbortController();
    const calls = [1, 2].map((seed) =>
      errorOf(fixture.client.complete(ask({ seed }), { budget, signal: controller.signal })),
    );
    await fixture.server.until((counts) => counts.received === 1);
    controller.abort();
    await Promise.all(calls);
    expect(budget.snapshot()).toMatchObject({ modelCalls: 1, completionTokens: 50 });
    expect(budget.remaining()).toEqual({ tokens: 10_000 - promptBound - 50 });
  });

  it('is not charged for cached answers', async () => {
    const stored = new Map();
    fixture = await startFixture([answer('x')], {
      client: {
        cache: {
          get: (key) => Promise.resolve(stored.get(key)),
          set: (key, completion) => Promise.resolve(void stored.set(key, completion)),
        },
      },
    });
    await fixture.client.complete(ask());
    const budget = createBudgetGate({ modelCalls: 0 });
    expect((await fixture.client.complete(ask(), { budget })).cached).toBe(true);
  });
});
