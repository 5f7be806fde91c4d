import { answer, failure } from '@flowreasoner/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, errorOf, startFixture } from './client-fixture.js';
import type { ClientFixture } from './client-fixture.js';
import { createMemoryCache } from './completion-cache.js';
import type { Completion, CompletionDelta } from './completion.js';

let fixture: ClientFixture;
afterEach(() => fixture.close());

const price = { promptUsdPerMillion: 2, completionUsdPerMillion: 10 };

describe('complete', () => {
  it('returns text, usage, cost, model, endpoint and seed, and sends every field', async () => {
    fixture = await startFixture(
      [answer('Hello there END', { usage: { promptTokens: 100, completionTokens: 7 } })],
      {
        endpoint: { prices: { m: price }, apiKey: 'sk-right' },
        server: { apiKey: 'sk-right' },
      },
    );
    const completion = await fixture.client.complete(
      ask({ temperature: 0.5, topP: 0.9, seed: 3, stop: [' END'], maxTokens: 40 }),
    );
    expect(completion).toEqual({
      text: 'Hello there',
      reasoning: '',
      finishReason: 'stop',
      usage: { promptTokens: 100, completionTokens: 7, costUsd: (100 * 2 + 7 * 10) / 1e6, reported: true },
      model: 'm',
      endpoint: 'main',
      seed: 3,
      sampleIndex: 0,
      cached: false,
    });
    expect(fixture.server.requests[0]?.body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Say hello.' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 40,
      temperature: 0.5,
      top_p: 0.9,
      seed: 3,
      stop: [' END'],
    });
  });

  it.each(['reasoning', 'reasoning_content', 'think', 'think_unopened'] as const)(
    'tells reasoning sent as %s apart',
    async (reasoningAs) => {
      const reply = answer('The answer < 5', { reasoning: 'Let me think <b>', reasoningAs });
      fixture = await startFixture([reply, { ...reply, ignoreStream: true }]);
      for (const way of ['streamed', 'whole']) {
        const completion = await fixture.client.complete(ask());
        expect([way, completion.text, completion.reasoning]).toEqual([
          way,
          'The answer < 5',
          'Let me think <b>',
        ]);
      }
    },
  );

  it('streams pieces as they come, reasoning and text apart', async () => {
    fixture = await startFixture([answer('Hello there', { reasoning: 'Be kind', reasoningAs: 'think' })]);
    const deltas: CompletionDelta[] = [];
    await fixture.client.complete(ask(), { onDelta: (delta) => deltas.push(delta) });
    expect(deltas.map((delta) => delta.text).join('')).toBe('Hello there');
    expect(deltas.map((delta) => delta.reasoning).join('')).toBe('\nBe kind\n');
    expect(deltas.filter((delta) => delta.text !== '').length).toBeGreaterThan(1);
  });

  it('knows no price where none is configured, and none is due at a local endpoint', async () => {
    fixture = await startFixture([answer('x'), answer('x')]);
    expect((await fixture.client.complete(ask())).usage.costUsd).toBeUndefined();
    await fixture.close();
    fixture = await startFixture([answer('x')], { endpoint: { local: true } });
    expect((await fixture.client.complete(ask())).usage.costUsd).toBe(0);
  });

  it('returns an upper bound of the usage, marked so, where the endpoint reports none', async () => {
    fixture = await startFixture([answer('x', { usage: 'none' })]);
    const { usage } = await fixture.client.complete(ask({ maxTokens: 9 }));
    expect(usage).toEqual({
      promptTokens: 256 + 16 + 'Say hello.'.length,
      completionTokens: 9,
      costUsd: undefined,
      reported: false,
    });
  });

  it('says why an answer ended', async () => {
    fixture = await startFixture([answer('a long text'), answer('x', { finishReason: 'eos' })]);
    expect((await fixture.client.complete(ask({ maxTokens: 1 }))).finishReason).toBe('length');
    expect((await fixture.client.complete(ask())).finishReason).toBe('other');
  });

  it('asks the endpoint and model that the request names', async () => {
    fixture = await startFixture([answer('x')]);
    const completion = await fixture.client.complete(ask({ ref: { endpoint: 'main', model: 'other' } }));
    expect(completion.model).toBe('other');
    expect(fixture.server.requests[0]?.body.model).toBe('other');
    const unknown = await errorOf(fixture.client.complete(ask({ ref: { endpoint: 'nowhere' } })));
    expect(unknown).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'MODEL_ENDPOINT_UNKNOWN' });
    expect(unknown.options.hint).toContain("'main'");
  });

  it('sends the output limit under the declared name', async () => {
    fixture = await startFixture([answer('x')], { endpoint: { maxTokensField: 'max_completion_tokens' } });
    await fixture.client.complete(ask());
    expect(fixture.server.requests[0]?.body).toMatchObject({ max_completion_tokens: 50 });
    expect(fixture.server.requests[0]?.body).not.toHaveProperty('max_tokens');
  });

  it('asks for JSON by the schema', async () => {
    fixture = await startFixture([answer('{"a":1}')]);
    const schema = { type: 'object', properties: { a: { type: 'number' } } };
    await fixture.client.complete(ask({ jsonSchema: { name: 'thing', schema } }));
    expect(fixture.server.requests[0]?.body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'thing', schema, strict: true },
    });
  });

  it('takes no key, header or organisation from the environment', async () => {
    const variables = {
      OPENAI_API_KEY: 'sk-environment-1',
      OPENAI_ADMIN_KEY: 'sk-environment-2',
      OPENAI_ORG_ID: 'org-environment',
      OPENAI_PROJECT_ID: 'proj-environment',
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      OPENAI_CUSTOM_HEADERS: 'x-secret: environment',
    };
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      fixture = await startFixture([answer('x')]);
      await fixture.client.complete(ask());
    } finally {
      process.env = before;
    }
    expect(JSON.stringify(fixture.server.requests[0]?.headers)).not.toContain('environment');
    expect(fixture.server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('takes the key from the variable that the endpoint names', async () => {
    const options = { endpoint: { apiKeyEnv: 'MY_KEY' }, server: { apiKey: 'sk-right' } };
    fixture = await startFixture([answer('x')], {
      ...options,
      client: { environment: { MY_KEY: 'sk-right\n' } },
    });
    expect((await fixture.client.complete(ask())).text).toBe('x');
    await fixture.close();
    fixture = await startFixture([answer('x')], options);
    const error = await errorOf(fixture.client.complete(ask()));
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'MODEL_KEY_MISSING' });
    expect(error.message).toContain('MY_KEY');
  });

  it('passes on what a listener throws, and closes the connection', async () => {
    fixture = await startFixture([answer('x', { fault: { kind: 'silence', afterChunks: 2 } })]);
    const onDelta = (): void => {
      throw new RangeError('listener');
    };
    await expect(fixture.client.complete(ask(), { onDelta })).rejects.toThrow(RangeError);
    await fixture.server.until((counts) => counts.aborted === 1);
  });
});

describe('an answer begun by the caller', () => {
  const begun = ask({
    messages: [
      { role: 'user', content: 'Write code.' },
      { role: 'assistant', content: '```python\n' },
    ],
  });
  const flags = { continue_final_message: true, add_generation_prompt: false };

  it('is sent as it is to a plain server', async () => {
    fixture = await startFixture([answer('    return 1')], { server: { ownedBy: 'llamacpp' } });
    expect((await fixture.client.complete(begun)).text).toBe('    return 1');
    expect(fixture.server.requests[0]?.body.messages).toEqual(begun.messages);
    expect(fixture.server.requests[0]?.body).not.toHaveProperty('continue_final_message');
  });

  it('is sent with flags to vLLM, recognised by its model list or declared', async () => {
    fixture = await startFixture([answer('x'), answer('x')], { server: { ownedBy: 'vllm' } });
    await fixture.client.complete(begun);
    expect(fixture.server.requests[0]?.body).toMatchObject(flags);
    await fixture.client.complete(ask());
    expect(fixture.server.requests[1]?.body).not.toHaveProperty('continue_final_message');
    await fixture.close();
    fixture = await startFixture([answer('x')], { endpoint: { continueStyle: 'continue_final_message' } });
    await fixture.client.complete(begun);
    expect(fixture.server.requests[0]?.body).toMatchObject(flags);
  });

  it('may have opened a think block', async () => {
    fixture = await startFixture([answer('so it is</think>\n\n42')]);
    const messages = [...ask().messages, { role: 'assistant' as const, content: '<think>\nWell, ' }];
    const completion = await fixture.client.complete(ask({ messages }));
    expect([completion.reasoning, completion.text]).toEqual(['so it is', '42']);
  });
});

describe('completeMany', () => {
  const texts = (completions: readonly Completion[]): string[] => completions.map(({ text }) => text);

  it('draws all samples by one request where the server can', async () => {
    fixture = await startFixture([answer(['a', 'b', 'c'])], { endpoint: { prices: { m: price } } });
    const deltas: string[] = [];
    const completions = await fixture.client.completeMany(ask({ seed: 7 }), 3, {
      onDelta: ({ sampleIndex, text }) => deltas.push(`${sampleIndex}${text}`),
    });
    expect(texts(completions)).toEqual(['a', 'b', 'c']);
    expect(completions.map(({ seed, sampleIndex }) => [seed, sampleIndex])).toEqual([
      [7, 0],
      [undefined, 1],
      [undefined, 2],
    ]);
    expect(deltas).toEqual(['0a', '1b', '2c']);
    expect(fixture.server.requests.map(({ body }) => [body.n, body.seed])).toEqual([[3, 7]]);
    expect(completions.map(({ usage }) => usage.completionTokens)).toEqual([3, 0, 0]);
  });

  it('draws the rest one each where the server ignores n, and remembers that', async () => {
    fixture = await startFixture((request) => answer(`seed ${request.body.seed}`, { ignoreN: true }));
    const completions = await fixture.client.completeMany(ask({ seed: 7 }), 3);
    expect(texts(completions)).toEqual(['seed 7', 'seed 8', 'seed 9']);
    expect(fixture.server.requests.map(({ body }) => body.n)).toEqual([3, undefined, undefined]);
    await fixture.client.completeMany(ask({ seed: 7 }), 2);
    expect(fixture.server.requests.slice(3).map(({ body }) => body.n)).toEqual([undefined, undefined]);
  });

  it('draws one each where the server refuses n', async () => {
    fixture = await startFixture((request) => answer(`seed ${request.body.seed}`), {
      server: { refusedFields: ['n'] },
    });
    expect(texts(await fixture.client.completeMany(ask({ seed: 0 }), 2))).toEqual(['seed 0', 'seed 1']);
  });

  it('fails as a whole, and gives up the others, when one sample fails', async () => {
    fixture = await startFixture((request) => (request.body.seed === 1 ? failure(400) : { kind: 'hang' }), {
      server: { refusedFields: ['n'] },
    });
    const error = await errorOf(fixture.client.completeMany(ask({ seed: 0 }), 3));
    expect(error.reason).toBe('MODEL_REJECTED');
    await fixture.server.until((counts) => counts.aborted === 2);
  });

  it('draws the same sample alone and among others', async () => {
    fixture = await startFixture((request) => answer(`seed ${request.body.seed}`));
    const alone = await fixture.client.complete(ask({ seed: 2 ** 31 - 1, sampleIndex: 2 }));
    expect([alone.seed, alone.text, alone.sampleIndex]).toEqual([1, 'seed 1', 2]);
  });
});

describe('the cache', () => {
  it('answers the same request without asking, per sample and scope', async () => {
    let drawn = 0;
    fixture = await startFixture(() => answer(`draw ${(drawn += 1)}`), {
      client: { cache: createMemoryCache() },
    });
    const first = await fixture.client.complete(ask(), { cacheScope: 'a' });
    const deltas: string[] = [];
    const second = await fixture.client.complete(ask(), {
      cacheScope: 'a',
      onDelta: ({ text }) => deltas.push(text),
    });
    expect(second).toEqual({ ...first, cached: true });
    expect(deltas).toEqual(['draw 1']);
    const others = [
      await fixture.client.complete(ask(), { cacheScope: 'b' }),
      await fixture.client.complete(ask({ sampleIndex: 1 }), { cacheScope: 'a' }),
      await fixture.client.complete(ask({ seed: 1 }), { cacheScope: 'a' }),
      await fixture.client.complete(ask(), { cacheScope: 'a', useCache: false }),
    ];
    expect(others.map(({ text }) => text)).toEqual(['draw 2', 'draw 3', 'draw 4', 'draw 5']);
  });

  it('asks only for the samples that it lacks', async () => {
    fixture = await startFixture((request) => answer(['a', 'b', 'c', 'd'].slice(0, request.body.n ?? 1)), {
      client: { cache: createMemoryCache() },
    });
    await fixture.client.completeMany(ask(), 2);
    const four = await fixture.client.completeMany(ask(), 4);
    expect(four.map(({ cached }) => cached)).toEqual([true, true, false, false]);
    expect(fixture.server.requests.map(({ body }) => body.n)).toEqual([2, 2]);
  });

  it('never keeps a failure', async () => {
    fixture = await startFixture([failure(400), answer('good')], { client: { cache: createMemoryCache() } });
    await errorOf(fixture.client.complete(ask()));
    expect(await fixture.client.complete(ask())).toMatchObject({ text: 'good', cached: false });
  });

  it('fails no call when it is broken itself', async () => {
    const broken = (): Promise<never> => Promise.reject(new Error('disk full'));
    fixture = await startFixture([answer('x')], { client: { cache: { get: broken, set: broken } } });
    expect((await fixture.client.complete(ask())).text).toBe('x');
    expect(fixture.warnings.map(({ message }) => message)).toEqual([
      'the completion cache cannot be read',
      'the completion cache cannot be written',
    ]);
  });
});

describe('listModels and probeEndpoint', () => {
  it('report what an endpoint offers', async () => {
    fixture = await startFixture([], { server: { models: ['m', 'n'], ownedBy: 'vllm' } });
    expect(await fixture.client.listModels()).toEqual([
      { id: 'm', ownedBy: 'vllm' },
      { id: 'n', ownedBy: 'vllm' },
    ]);
    expect(await fixture.client.probeEndpoint('main')).toEqual({
      endpoint: 'main',
      url: fixture.server.baseUrl,
      models: ['m', 'n'],
      defaultModel: 'm',
      defaultModelListed: true,
      latencyMs: 0,
    });
  });

  it('say what is wrong with an endpoint', async () => {
    fixture = await startFixture([], {
      server: { apiKey: 'sk-right' },
      endpoint: { apiKey: 'sk-wrong-one' },
    });
    const refused = await errorOf(fixture.client.probeEndpoint());
    expect(refused).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'MODEL_UNAUTHORIZED' });
    expect(refused.message).not.toContain('sk-wrong-one');
    await fixture.server.close();
    const down = await errorOf(fixture.client.probeEndpoint());
    expect(down).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_UNREACHABLE' });
    expect(down.message).toContain('ECONNREFUSED');
  });

  it('show no key among the endpoints', async () => {
    fixture = await startFixture([], { endpoint: { apiKey: 'sk-secret-key' } });
    expect(fixture.client.endpoints[0]).toMatchObject({ name: 'main', concurrency: 8, grammarStyle: 'auto' });
    expect(JSON.stringify(fixture.client.endpoints)).not.toContain('sk-secret-key');
  });
});
