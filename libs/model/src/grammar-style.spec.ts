import { answer, failure } from '@flowreasoner/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createBudgetGate } from './budget.js';
import { ask, errorOf, startFixture } from './client-fixture.js';
import type { ClientFixture } from './client-fixture.js';

let fixture: ClientFixture;
afterEach(() => fixture.close());

const grammar = 'root ::= "yes" | "no"';
const held = ask({ grammar });

describe('grammars', () => {
  it.each([
    ['structured_outputs', { structured_outputs: { grammar } }],
    ['grammar', { grammar }],
  ] as const)('are sent as %s where that is declared, without a probe', async (grammarStyle, fields) => {
    fixture = await startFixture([answer('yes')], { endpoint: { grammarStyle } });
    expect((await fixture.client.complete(held)).text).toBe('yes');
    expect(fixture.server.requests).toHaveLength(1);
    expect(fixture.server.requests[0]?.body).toMatchObject(fields);
  });

  it.each([
    ['structured_outputs', 1],
    ['grammar', 2],
  ] as const)('are probed once where the style is not declared: %s', async (grammarField, probes) => {
    // Servers that ignore what they do not know answer the probe freely.
    fixture = await startFixture(() => answer('yes'), { server: { grammarField } });
    await Promise.all([1, 2, 3].map((seed) => fixture.client.complete({ ...held, seed })));
    await fixture.client.complete({ ...held, seed: 4 });
    expect(await fixture.client.grammarStyle()).toBe(grammarField);
    expect(fixture.server.requests).toHaveLength(probes + 4);
    const last = fixture.server.requests.at(-1)?.body;
    expect(grammarField === 'grammar' ? last?.grammar : last?.structured_outputs?.grammar).toBe(grammar);
  });

  it('are found behind a server that refuses fields it does not know', async () => {
    fixture = await startFixture(() => answer('yes'), {
      server: { grammarField: 'grammar', refusedFields: ['structured_outputs'] },
    });
    expect(await fixture.client.grammarStyle()).toBe('grammar');
  });

  it.each([
    ['ignores them', {}],
    ['refuses them', { refusedFields: ['structured_outputs', 'grammar'] }],
  ])('are refused, with a hint, at an endpoint that %s', async (_name, server) => {
    fixture = await startFixture(() => answer('maybe'), { server });
    const error = await errorOf(fixture.client.complete(held));
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'MODEL_GRAMMAR_UNSUPPORTED' });
    expect(error.options.hint).toContain('grammarStyle');
    expect(await fixture.client.grammarStyle()).toBe('none');
    expect(fixture.server.requests).toHaveLength(2);
  });

  it('are refused without a probe where the endpoint declares none', async () => {
    fixture = await startFixture([], { endpoint: { grammarStyle: 'none' } });
    expect((await errorOf(fixture.client.complete(held))).reason).toBe('MODEL_GRAMMAR_UNSUPPORTED');
    expect(fixture.server.requests).toHaveLength(0);
  });

  it('are probed again after a probe that failed, whose failure says nothing', async () => {
    let down = true;
    fixture = await startFixture(() => (down ? failure(500) : answer('marzipan')), {
      endpoint: { maxRetries: 0 },
    });
    expect((await errorOf(fixture.client.complete(held))).reason).toBe('MODEL_SERVER_ERROR');
    down = false;
    expect(await fixture.client.grammarStyle()).toBe('structured_outputs');
  });

  it('are probed by the next caller when the first one goes', async () => {
    fixture = await startFixture((request) => (request.index === 0 ? { kind: 'hang' } : answer('marzipan')));
    const controller = new AbortController();
    const first = errorOf(fixture.client.grammarStyle({}, { signal: controller.signal }));
    const second = fixture.client.grammarStyle();
    const impatient = new AbortController();
    const third = errorOf(fixture.client.grammarStyle({}, { signal: impatient.signal }));
    await fixture.server.until((counts) => counts.received === 1);
    impatient.abort();
    expect((await third).code).toBe('CANCELLED');
    controller.abort();
    expect((await first).code).toBe('CANCELLED');
    expect(await second).toBe('structured_outputs');
  });

  it('are probed within the budget of the call', async () => {
    fixture = await startFixture(() => answer('yes'), { server: { grammarField: 'structured_outputs' } });
    const budget = createBudgetGate({ modelCalls: 1 });
    expect((await errorOf(fixture.client.complete(held, { budget }))).reason).toBe('BUDGET_EXCEEDED');
    expect(budget.snapshot().modelCalls).toBe(1);
  });
});
