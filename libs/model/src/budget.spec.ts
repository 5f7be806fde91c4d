import { FlowError } from '@flowreasoner/rpc';
import { createSeededRandom } from '@flowreasoner/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelAsk } from './budget-gate.js';
import { createBudgetGate } from './budget.js';
import { errorOf } from './client-fixture.js';

const model = (tokens: number, costUsd?: number, endpoint = 'e'): ModelAsk => ({
  kind: 'model',
  endpoint,
  model: 'm',
  modelCalls: 1,
  promptTokens: tokens,
  completionTokens: 0,
  costUsd,
});
const used = (tokens: number, costUsd?: number): Omit<ModelAsk, 'kind' | 'endpoint' | 'model'> => ({
  modelCalls: 1,
  promptTokens: 0,
  completionTokens: tokens,
  costUsd,
});

describe('createBudgetGate', () => {
  it('reserves the most and charges what was used', async () => {
    const gate = createBudgetGate({ tokens: 100, costUsd: 1 });
    const reservation = await gate.reserve(model(80, 0.5));
    reservation.settle({ modelCalls: 1, promptTokens: 10, completionTokens: 5, costUsd: 0.25 });
    expect(gate.snapshot()).toEqual({
      modelCalls: 1,
      promptTokens: 10,
      completionTokens: 5,
      costUsd: 0.25,
      sandboxMs: 0,
    });
    expect(gate.remaining()).toEqual({ tokens: 85, costUsd: 0.75 });
  });

  it('is drained once every reservation has ended', async () => {
    const gate = createBudgetGate({});
    await gate.drained();
    const [first, second] = [await gate.reserve(model(10)), await gate.reserve(model(20))];
    let drained = false;
    const end = gate.drained().then(() => (drained = true));
    first.release();
    await Promise.resolve();
    expect(drained).toBe(false);
    second.settle();
    await end;
    expect(gate.snapshot()).toMatchObject({ modelCalls: 1, promptTokens: 20 });
  });

  it('charges all that was reserved where the use is not known, nothing where it is released', async () => {
    const gate = createBudgetGate({ tokens: 100 });
    const [first, second] = [await gate.reserve(model(40, 0)), await gate.reserve(model(40, 0))];
    first.settle();
    first.settle();
    first.release();
    second.release();
    second.settle();
    expect(gate.snapshot()).toMatchObject({ modelCalls: 1, promptTokens: 40 });
  });

  it.each([
    ['tokens', { tokens: 10 }, model(11, 0), 'token budget of 10 tokens'],
    ['costUsd', { costUsd: 0.5 }, model(1, 0.6), 'money budget of $0.5'],
    ['modelCalls', { modelCalls: 0 }, model(1, 0), 'model call budget of 0 calls'],
    [
      'sandboxMs',
      { sandboxMs: 500 },
      { kind: 'sandbox', wallMs: 501 } as const,
      'sandbox time budget of 500 ms',
    ],
  ])('refuses what does not fit, naming the limit: %s', async (limit, limits, ask, sentence) => {
    const error = await errorOf(createBudgetGate(limits).reserve(ask));
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'BUDGET_EXCEEDED' });
    expect(error.options.metadata).toMatchObject({ limit, spent: '0' });
    expect(error.message).toContain(sentence);
    expect(error.options.hint).toBeDefined();
  });

  it('grants exactly what is left', async () => {
    const gate = createBudgetGate({ costUsd: 0.3, sandboxMs: 1000 });
    for (let i = 0; i < 3; i += 1) (await gate.reserve(model(1, 0.1))).settle();
    expect((await errorOf(gate.reserve(model(1, 0.0001)))).reason).toBe('BUDGET_EXCEEDED');
    (await gate.reserve({ kind: 'sandbox', wallMs: 1000 })).settle({ wallMs: 400 });
    (await gate.reserve({ kind: 'sandbox', wallMs: 600 })).settle();
    expect(gate.snapshot().sandboxMs).toBe(1000);
  });

  it('goes on from what was spent before', async () => {
    const gate = createBudgetGate({ modelCalls: 5 }, { modelCalls: 5 });
    expect((await errorOf(gate.reserve(model(1)))).options.metadata).toMatchObject({ spent: '5' });
  });

  it('knows no cost after a model of unknown price', async () => {
    const gate = createBudgetGate({ tokens: 100 });
    (await gate.reserve(model(1, 0.5))).settle();
    (await gate.reserve(model(1))).settle();
    expect(gate.snapshot().costUsd).toBeUndefined();
  });

  it('refuses a model of unknown price where money is limited, and names it', async () => {
    const error = await errorOf(createBudgetGate({ costUsd: 100 }).reserve(model(1)));
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PRICE_UNKNOWN' });
    expect(error.message).toContain("'m'");
    expect(error.message).toContain("'e'");
  });

  it('refuses an endpoint that used more than was reserved, and only that one', async () => {
    const gate = createBudgetGate({ tokens: 1000 });
    const [one, waiting] = [await gate.reserve(model(600, 0)), gate.reserve(model(600, 0))];
    one.settle(used(601, 0));
    expect(gate.snapshot().completionTokens).toBe(601);
    expect(await errorOf(waiting)).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ENDPOINT_OVERRAN' });
    expect(await errorOf(gate.reserve(model(1, 0)))).toMatchObject({ reason: 'ENDPOINT_OVERRAN' });
    expect(gate.overrun()).toEqual(['e']);
    (await gate.reserve(model(1, 0, 'other'))).release();
  });

  it('lets a request wait for those in flight, in order, and refuses it when they took too much', async () => {
    const gate = createBudgetGate({ tokens: 100 });
    const first = await gate.reserve(model(60, 0));
    const order: string[] = [];
    const second = gate.reserve(model(60, 0)).then((reservation) => (order.push('second'), reservation));
    const third = gate.reserve(model(10, 0)).then((reservation) => (order.push('third'), reservation));
    const tooMuch = gate.reserve(model(90, 0));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    first.settle(used(20, 0));
    (await second).release();
    (await third).release();
    expect(order).toEqual(['second', 'third']);
    expect((await errorOf(tooMuch)).options.metadata).toMatchObject({ spent: '20', asked: '90' });
  });

  it('lets a waiting request be aborted, and those behind it through', async () => {
    const gate = createBudgetGate({ tokens: 100 });
    const first = await gate.reserve(model(60, 0));
    const controller = new AbortController();
    const second = gate.reserve(model(60, 0), controller.signal);
    const third = gate.reserve(model(40, 0));
    controller.abort(new FlowError('CANCELLED', 'TEST', 'stop'));
    expect((await errorOf(second)).reason).toBe('TEST');
    (await third).release();
    expect((await errorOf(gate.reserve(model(1, 0), controller.signal))).reason).toBe('TEST');
    first.release();
  });

  it('is never overshot, whatever comes at once (property)', async () => {
    const request = fc.record({
      ask: fc.integer({ min: 0, max: 50 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 40 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer(),
        async (requests, tokens, seed) => {
          const limits = { tokens, costUsd: tokens / 100, modelCalls: 20 };
          const gate = createBudgetGate(limits);
          const random = createSeededRandom(seed);
          let inFlight = 0;
          const check = (): void => {
            const { completionTokens, promptTokens, costUsd, modelCalls } = gate.snapshot();
            expect(promptTokens + completionTokens + inFlight).toBeLessThanOrEqual(tokens);
            expect(costUsd).toBeLessThanOrEqual(limits.costUsd + 1e-9);
            expect(modelCalls).toBeLessThanOrEqual(limits.modelCalls);
          };
          await Promise.all(
            requests.map(async ({ ask, share }) => {
              const reservation = await gate.reserve(model(ask, ask / 100)).catch(() => undefined);
              if (reservation === undefined) return;
              inFlight += ask;
              check();
              for (let turns = Math.floor(random() * 5); turns > 0; turns -= 1) await Promise.resolve();
              inFlight -= ask;
              const actual = Math.floor(ask * share);
              if (random() < 0.2) reservation.release();
              else reservation.settle(used(actual, actual / 100));
              check();
            }),
          );
          expect(inFlight).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
