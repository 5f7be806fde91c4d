import { describe, expect, it } from 'vitest';
import { errorOf } from './client-fixture.js';
import { apiKeyOf, costUsd, displayUrl, modelEndpointSchema, parseEndpoints, priceOf } from './endpoint.js';
import type { ModelEndpointInput } from './endpoint.js';

const parse = (rest: Partial<ModelEndpointInput> = {}): ReturnType<typeof modelEndpointSchema.parse> =>
  modelEndpointSchema.parse({ name: 'a', baseUrl: 'http://host:8000/v1/', ...rest });

describe('modelEndpointSchema', () => {
  it('fills in the defaults', () => {
    expect(parse()).toEqual({
      name: 'a',
      baseUrl: 'http://host:8000/v1',
      grammarStyle: 'auto',
      continueStyle: 'auto',
      promptStyle: 'auto',
      maxTokensField: 'auto',
      concurrency: 8,
      local: false,
      prices: {},
      requestTimeoutMs: 600_000,
      idleTimeoutMs: 180_000,
      maxRetries: 4,
    });
  });
});

describe('parseEndpoints', () => {
  it('lists every problem at once', async () => {
    const error = await errorOf(
      (async () =>
        parseEndpoints([
          { name: 'a', baseUrl: 'ftp://host/v1' },
          { name: 'b c', baseUrl: 'http://user:secret@host/v1', concurrency: 0 },
          {
            name: 'd',
            baseUrl: 'http://host/v1',
            prices: { m: { promptUsdPerMillion: -1, completionUsdPerMillion: 0 } },
          },
          { name: 'e', baseUrl: 'http://host/v1' },
          { name: 'e', baseUrl: 'http://host/v1' },
        ]))(),
    );
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'MODEL_ENDPOINTS_INVALID' });
    for (const place of [
      'endpoints[0].baseUrl',
      'endpoints[1].name',
      'endpoints[1].baseUrl',
      'endpoints[1].concurrency',
      'endpoints[2].prices.m.promptUsdPerMillion',
      'endpoints[4].name: used twice',
    ]) {
      expect(error.message).toContain(place);
    }
    expect(error.message).not.toContain('secret');
  });

  it('wants at least one', async () => {
    expect((await errorOf((async () => parseEndpoints([]))())).message).toContain('at least one');
  });
});

describe('prices', () => {
  const price = { promptUsdPerMillion: 1, completionUsdPerMillion: 4 };

  it('are known only where they are listed; local models are free', () => {
    const endpoint = parse({ prices: { m: price } });
    expect(priceOf(endpoint, 'm')).toEqual(price);
    expect(priceOf(endpoint, 'n')).toBeUndefined();
    expect(priceOf(endpoint, 'constructor')).toBeUndefined();
    expect(costUsd(priceOf(parse({ local: true }), 'n'), { promptTokens: 9, completionTokens: 9 })).toBe(0);
  });

  it('are per million tokens', () => {
    expect(costUsd(price, { promptTokens: 1_000_000, completionTokens: 500_000 })).toBe(3);
    expect(costUsd(undefined, { promptTokens: 0, completionTokens: 0 })).toBeUndefined();
  });
});

describe('displayUrl and apiKeyOf', () => {
  it('keep secrets to themselves', async () => {
    expect(displayUrl(parse({ baseUrl: 'https://host/openai/v1?api-key=secret' }))).toBe(
      'https://host/openai/v1',
    );
    expect(apiKeyOf(parse({ apiKey: 'direct' }), {})).toBe('direct');
    expect(apiKeyOf(parse(), { OPENAI_API_KEY: 'not meant for it' })).toBeUndefined();
    const missing = await errorOf((async () => apiKeyOf(parse({ apiKeyEnv: 'K' }), { K: ' ' }))());
    expect(missing.reason).toBe('MODEL_KEY_MISSING');
  });
});
