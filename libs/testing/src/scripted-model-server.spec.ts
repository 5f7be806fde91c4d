import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { startScriptedModelServer } from './scripted-model-server.js';
import type { ScriptedModelServer, ScriptedModelServerOptions } from './scripted-model-server.js';
import { answer, failure } from './scripted-reply.js';

let server: ScriptedModelServer;
afterEach(() => server.close());

async function start(
  script: ScriptedModelServerOptions['script'],
  rest: Partial<ScriptedModelServerOptions> = {},
): Promise<OpenAI> {
  server = await startScriptedModelServer({ script, ...rest });
  return new OpenAI({ baseURL: server.baseUrl, apiKey: 'sk-test', maxRetries: 0 });
}

const messages = [{ role: 'user' as const, content: 'Say hello.' }];

async function post(body: object): Promise<Response> {
  return fetch(`${server.baseUrl}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
}

describe('startScriptedModelServer', () => {
  it('lists its models', async () => {
    const client = await start([], { models: ['a', 'b'], ownedBy: 'vllm' });
    const page = await client.models.list();
    expect(page.data.map((model) => [model.id, model.owned_by])).toEqual([
      ['a', 'vllm'],
      ['b', 'vllm'],
    ]);
  });

  it('answers an OpenAI client without streaming', async () => {
    const client = await start([answer('Hello there', { reasoning: 'be polite' })]);
    const completion = await client.chat.completions.create({ model: 'm', messages });
    expect(completion.choices[0]?.message).toMatchObject({
      content: 'Hello there',
      reasoning_content: 'be polite',
    });
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.usage).toEqual({ prompt_tokens: 3, completion_tokens: 6, total_tokens: 9 });
    expect(server.requests[0]?.body).toMatchObject({ model: 'm', messages });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-test');
  });

  it('streams to an OpenAI client, with a usage chunk when asked', async () => {
    const client = await start([answer('Hello there')]);
    const stream = await client.chat.completions.create({
      model: 'm',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      pieces.push(chunk.choices[0]?.delta.content ?? '');
      usage = chunk.usage ?? usage;
    }
    expect(pieces.filter((piece) => piece !== '')).toEqual(['Hell', 'o th', 'ere']);
    expect(usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 3 });
  });

  it('gives n samples, cuts at stop words and at max_tokens', async () => {
    const client = await start([answer(['one END x', 'two']), answer('abcdefghijkl')]);
    const many = await client.chat.completions.create({ model: 'm', messages, n: 2, stop: [' END'] });
    expect(many.choices.map((choice) => choice.message.content)).toEqual(['one', 'two']);
    const cut = await client.chat.completions.create({ model: 'm', messages, max_tokens: 2 });
    expect(cut.choices[0]).toMatchObject({ message: { content: 'abcdefgh' }, finish_reason: 'length' });
  });

  it('answers by a function of the request, seed included', async () => {
    const client = await start((request) => answer(`seed ${request.body.seed}`));
    const completion = await client.chat.completions.create({ model: 'm', messages, seed: 11 });
    expect(completion.choices[0]?.message.content).toBe('seed 11');
  });

  it('gives statuses with headers and bodies, and says when a script has run out', async () => {
    await start([failure(429, { retryAfter: '7' }), failure(500, { body: 'not json' })]);
    const limited = await post({ messages });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await (await post({ messages })).text()).toBe('not json');
    const empty = await post({ messages });
    expect([empty.status, await empty.text()]).toEqual([500, expect.stringContaining('script_empty')]);
  });

  it('refuses fields, wrong keys, unknown paths and bodies that are no request', async () => {
    await start([], { refusedFields: ['grammar'], apiKey: 'sk-right' });
    const asked = (body: string, key: string, path = '/chat/completions'): Promise<Response> =>
      fetch(server.baseUrl + path, { method: 'POST', body, headers: { authorization: `Bearer ${key}` } });
    expect((await asked(JSON.stringify({ messages, grammar: 'x' }), 'sk-right')).status).toBe(400);
    expect(await (await asked('{}', 'sk-wrong')).text()).toContain('sk-wrong');
    expect((await asked('{}', 'sk-right', '/nothing')).status).toBe(404);
    expect((await asked('not json', 'sk-right')).status).toBe(400);
  });

  it('obeys a one-literal grammar in its own field only', async () => {
    await start(() => answer('free'), { grammarField: 'grammar' });
    const text = async (body: object): Promise<unknown> => {
      const reply = (await (await post({ messages, ...body })).json()) as {
        choices: { message: { content: string } }[];
      };
      return reply.choices[0]?.message.content;
    };
    expect(await text({ grammar: 'root ::= "word"' })).toBe('word');
    expect(await text({ structured_outputs: { grammar: 'root ::= "word"' } })).toBe('free');
  });

  it('breaks a stream half-way and counts it', async () => {
    await start([answer('a long enough text', { fault: { kind: 'cut', afterChunks: 2 } })]);
    const response = await post({ messages, stream: true });
    await expect(response.text()).rejects.toThrow();
    await server.until((counts) => counts.cut === 1);
    expect(server.counts()).toMatchObject({ received: 1, finished: 0, aborted: 0, cut: 1 });
  });

  it('counts what the client gave up, and what was finished', async () => {
    await start([{ kind: 'hang' }, answer('x')]);
    const controller = new AbortController();
    const hanging = fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ messages }),
      signal: controller.signal,
    });
    await server.until((counts) => counts.received === 1);
    controller.abort();
    await expect(hanging).rejects.toThrow();
    await server.until((counts) => counts.aborted === 1);
    await (await post({ messages })).text();
    await server.until((counts) => counts.finished === 1);
    expect(server.counts()).toEqual({ received: 2, finished: 1, aborted: 1, cut: 0, mostAtOnce: 1 });
  });

  it('sends headers before a held answer, drops connections, and sends garbage', async () => {
    const gate = Promise.withResolvers<void>();
    await start([
      answer('late', { headersFirst: true, hold: gate.promise }),
      { kind: 'drop' },
      { kind: 'garbage', body: '<html>', contentType: 'text/html' },
    ]);
    const early = await post({ messages, stream: true });
    expect(early.status).toBe(200);
    gate.resolve();
    expect(await early.text()).toContain('"content":"late"');
    await expect(post({ messages })).rejects.toThrow();
    expect(await (await post({ messages })).text()).toBe('<html>');
  });

  it('floods until the client goes away', async () => {
    await start([{ kind: 'flood' }]);
    const response = await post({ messages });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
    await reader?.cancel();
    await server.until((counts) => counts.aborted === 1);
  });
});
