import { inspect } from 'node:util';
import { answer, failure } from '@flowreasoner/testing';
import type { ScriptedReply } from '@flowreasoner/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, errorOf, startFixture } from './client-fixture.js';
import type { ClientFixture } from './client-fixture.js';
import { ModelLimits } from './limits.js';

let fixture: ClientFixture;
afterEach(() => fixture.close());

const key = 'super+secret/key-0123456789';

async function failWith(reply: ScriptedReply, endpoint = {}): ReturnType<typeof errorOf> {
  fixture = await startFixture([reply], { endpoint: { maxRetries: 0, apiKey: key, ...endpoint } });
  return errorOf(fixture.client.complete(ask()));
}

describe('errors', () => {
  it.each<[string, ScriptedReply, string]>([
    ['HTML', { kind: 'garbage', body: '<html>Welcome</html>', contentType: 'text/html' }, 'Welcome'],
    ['a stream of no JSON', { kind: 'garbage', body: 'data: {"choices": [\n\n' }, 'malformed JSON'],
    ['a stream of something else', { kind: 'garbage', body: 'data: {"hello": 1}\n\n' }, 'hello'],
    [
      'a choice of the wrong shape',
      { kind: 'garbage', body: 'data: {"choices": [{"delta": 5}]}\n\n' },
      'choices',
    ],
    ['a sample out of range', { kind: 'garbage', body: 'data: {"choices": [{"index": 9999}]}\n\n' }, '9999'],
    ['a body of no JSON', { kind: 'garbage', body: 'hm', contentType: 'application/json' }, 'hm'],
    ['JSON of null', { kind: 'garbage', body: 'null', contentType: 'application/json' }, 'null'],
  ])('say that %s is not the protocol', async (_name, reply, excerpt) => {
    const error = await failWith(reply);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_BAD_RESPONSE' });
    expect(error.message).toContain("Model 'm' at endpoint 'main'");
    expect(error.message).toContain(excerpt);
    expect(error.options.hint).toContain('OpenAI-compatible');
  });

  it.each<[string, ScriptedReply]>([
    ['an empty stream', { kind: 'garbage', body: '' }],
    ['a stream of bytes that are no text', { kind: 'garbage', body: new Uint8Array([0xff, 0xfe, 0x00]) }],
  ])('say that %s broke off', async (_name, reply) => {
    expect(await failWith(reply)).toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_STREAM_BROKEN' });
  });

  it('end an answer without end at the limit, and close the connection', async () => {
    for (const contentType of ['text/event-stream', 'application/json', 'text/html']) {
      const error = await failWith({ kind: 'flood', contentType });
      expect(error.reason).toBe('MODEL_BAD_RESPONSE');
      expect(error.message).toContain(`${ModelLimits.responseBytes} bytes`);
      await fixture.server.until((counts) => counts.aborted === 1);
      await fixture.close();
    }
  });

  it('repeat what the server said about a rejected request', async () => {
    const body = { error: { message: 'grammar is not supported here', code: 'bad_field' } };
    const error = await failWith(failure(400, { body }));
    expect(error.reason).toBe('MODEL_REJECTED');
    expect(error.message).toContain('grammar is not supported here');
    expect(error.options.metadata).toEqual({ endpoint: 'main', model: 'm' });
  });

  it.each<[string, ScriptedReply, string]>([
    [
      'a used-up quota',
      failure(429, { body: { error: { message: 'no credit', code: 'insufficient_quota' } } }),
      'MODEL_QUOTA_EXHAUSTED',
    ],
    [
      'a context that is too small',
      failure(400, { body: { error: { message: "This model's maximum context length is 10 tokens." } } }),
      'MODEL_CONTEXT_EXCEEDED',
    ],
    [
      'an error inside a stream',
      { kind: 'garbage', body: 'data: {"error": {"message": "out of memory"}}\n\n' },
      'MODEL_SERVER_ERROR',
    ],
  ])('name %s', async (_name, reply, reason) => {
    expect((await failWith(reply)).reason).toBe(reason);
  });

  it('never follow a redirect', async () => {
    const reply = { kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:9/' } } as const;
    expect((await failWith(reply)).message).toContain('status 302');
  });

  it.each([
    ['body', key],
    ['body as the server writes keys', `Incorrect API key provided: ${key}. Find your key at …`],
    ['body, URL-encoded', `bad query ?api_key=${encodeURIComponent(key)}`],
    ['body, of someone else', 'upstream said: Authorization: Bearer sk-proj-abcdefgh12345678'],
  ])('never show a key that is in the %s', async (_name, message) => {
    for (const status of [400, 401, 429, 500]) {
      const error = await failWith(failure(status, { body: { error: { message } } }));
      const everything = inspect(error, { depth: 20, showHidden: true });
      expect(everything).not.toContain(key);
      expect(everything).not.toContain(encodeURIComponent(key));
      expect(everything).not.toContain('sk-proj');
      expect(everything).toContain('[redacted]');
      await fixture.close();
    }
  });

  it('never show a key that is in the URL, or in a body that is cut for its length', async () => {
    fixture = await startFixture([]);
    const baseUrl = `${fixture.server.baseUrl}?api_key=${encodeURIComponent(key)}`;
    await fixture.close();
    const long = `${'x'.repeat(ModelLimits.errorExcerpt - 10)}${key}`;
    fixture = await startFixture([failure(400, { body: { error: { message: long } } })], {
      endpoint: { apiKey: key, maxRetries: 0 },
    });
    const cut = await errorOf(fixture.client.complete(ask()));
    expect(cut.message).not.toContain(key.slice(0, 6));
    expect(cut.message.length).toBeLessThan(ModelLimits.errorExcerpt + 200);
    await fixture.close();

    fixture = await startFixture([], { endpoint: { baseUrl, maxRetries: 0 } });
    const down = await errorOf(fixture.client.complete(ask()));
    expect(down.reason).toBe('MODEL_UNREACHABLE');
    expect(inspect(down, { depth: 20 })).not.toContain('secret');
  });

  it('never show a part of a key that stands in an answer that is not the protocol', async () => {
    for (let before = 0; before < 500; before += 50) {
      const body = `${'x'.repeat(before)} ${key}`;
      const error = await failWith({ kind: 'garbage', body, contentType: 'text/html' });
      expect(error.message).not.toContain(key.slice(0, 6));
      await fixture.close();
    }
  });

  it('put a wrong request into words before anything is sent', async () => {
    fixture = await startFixture([answer('x')]);
    const wrong = [
      ask({ messages: [] }),
      ask({ messages: [{ role: 'user', content: 'é'.repeat(ModelLimits.promptBytes / 2 + 1) }] }),
      ask({
        messages: Array.from({ length: ModelLimits.messages + 1 }, () => ({ role: 'user', content: '' })),
      }),
      ask({ maxTokens: 0 }),
      ask({ maxTokens: 1.5 }),
      ask({ maxTokens: ModelLimits.maxTokens + 1 }),
      ask({ temperature: NaN }),
      ask({ topP: 1.1 }),
      ask({ seed: -1 }),
      ask({ stop: [''] }),
      ask({ stop: Array.from({ length: ModelLimits.stopWords + 1 }, String) }),
      ask({ sampleIndex: -1 }),
      ask({ grammar: '' }),
      ask({ grammar: 'x'.repeat(ModelLimits.grammarBytes + 1) }),
      ask({ jsonSchema: { name: 'a', schema: { x: 'x'.repeat(ModelLimits.grammarBytes) } } }),
      ask({ grammar: 'root ::= "a"', jsonSchema: { name: 'a', schema: {} } }),
    ];
    for (const request of wrong) {
      const error = await errorOf(fixture.client.complete(request));
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'MODEL_REQUEST_INVALID' });
      expect(error.options.fieldViolations).toHaveLength(1);
    }
    const many = await errorOf(fixture.client.completeMany(ask(), ModelLimits.samples + 1));
    expect(many.message).toContain(`${ModelLimits.samples}`);
    const unnamed = { ...ask(), ref: { endpoint: 'main' } };
    await fixture.close();
    fixture = await startFixture([], {
      client: { endpoints: [{ name: 'main', baseUrl: 'http://127.0.0.1:1/v1' }] },
    });
    expect((await errorOf(fixture.client.complete(unnamed))).reason).toBe('MODEL_NOT_NAMED');
    expect(fixture.server.counts().received).toBe(0);
  });
});
