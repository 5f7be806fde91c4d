import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureModelFile, startModelServer } from '@flowreasoner/model-server';
import type { StartedModelServer } from '@flowreasoner/model-server';
import { buildProgram } from './build-program.js';

const DOWNLOAD_MS = 600_000;

let built: Awaited<ReturnType<typeof buildProgram>>;
let modelFile: string;
let server: StartedModelServer;
let client: OpenAI;

beforeAll(async () => {
  built = await buildProgram();
  modelFile = await ensureModelFile();
  server = await startModelServer({
    program: built.program,
    modelFile,
    workers: 2,
    maxWaiting: 3,
    contextSize: 1024,
  });
  client = new OpenAI({ baseURL: server.url, apiKey: 'unused', maxRetries: 0 });
}, DOWNLOAD_MS);

afterAll(async () => {
  await server?.close();
  await built?.remove();
});

type ChatParams = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model' | 'messages'>;
/** Fields that the SDK's types do not know are sent as they are. */
type Extra = ChatParams & { grammar?: string; top_k?: number };

const chat = (content: string, extra: Extra = {}, begun?: string): Promise<OpenAI.ChatCompletion> =>
  client.chat.completions.create({
    model: server.model,
    messages: [
      { role: 'user', content },
      ...(begun === undefined ? [] : [{ role: 'assistant' as const, content: begun }]),
    ],
    ...extra,
  });

const textOf = (answer: OpenAI.ChatCompletion, index = 0): string =>
  answer.choices[index]?.message.content ?? '';

interface Health {
  readonly alive: number;
  readonly busy: number;
  readonly waiting: number;
}

async function health(): Promise<Health> {
  const response = await fetch(new URL('/health', server.url));
  return (await response.json()) as Health;
}

/** Asks until the server is as wanted; fails after some seconds. */
async function untilHealth(wanted: (health: Health) => boolean, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!wanted(await health())) {
    if (Date.now() > end) throw new Error(`not reached in ${withinMs} ms: ${JSON.stringify(await health())}`);
    await sleep(25);
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

function lives(pid: number): boolean {
  try {
    // A zombie has no command line any more.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

async function untilGone(pids: readonly number[], withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (pids.some(lives)) {
    if (Date.now() > end) throw new Error(`processes ${pids.filter(lives).join(', ')} still live`);
    await sleep(20);
  }
}

const long = { temperature: 0, max_tokens: 900, grammar: 'root ::= "a"+' } satisfies Extra;

describe('chat completions', () => {
  it('lists its model', async () => {
    const models = await client.models.list();
    expect(models.data.map((model) => model.id)).toEqual(['smollm2-135m-instruct']);
  });

  it('answers and counts tokens', async () => {
    const answer = await chat('Name three colours.', { temperature: 0, max_completion_tokens: 7 });
    expect(answer.choices).toHaveLength(1);
    expect(textOf(answer).length).toBeGreaterThan(0);
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(7);
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(10);
  });

  it('streams the same text that it answers whole, with usage at the end', async () => {
    const params = { temperature: 0.9, seed: 5, max_tokens: 40 };
    const stream = await client.chat.completions.create({
      model: server.model,
      messages: [{ role: 'user', content: 'Tell me about the sea.' }],
      ...params,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let pieces = 0;
    let finish: string | null | undefined;
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      const choice = chunk.choices[0];
      if (choice?.delta.content) pieces++;
      text += choice?.delta.content ?? '';
      finish = choice?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    const whole = await chat('Tell me about the sea.', params);
    expect(text).toBe(textOf(whole));
    expect(pieces).toBeGreaterThan(5);
    expect(finish).toBe(whole.choices[0]?.finish_reason);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
  });

  it('stops before a stop string', async () => {
    const whole = textOf(await chat('Count from one to ten.', { temperature: 0, max_tokens: 60 }));
    const word = whole.split(' ')[4] ?? '';
    expect(word.length).toBeGreaterThan(0);
    const answer = await chat('Count from one to ten.', {
      temperature: 0,
      max_tokens: 60,
      stop: [` ${word}`],
    });
    expect(textOf(answer)).toBe(whole.slice(0, whole.indexOf(` ${word}`)));
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  it('continues an answer that the caller began, without repeating it', async () => {
    const begun = '```python\ndef add(a, b):\n    return';
    const answer = textOf(await chat('Write add.', { temperature: 0, max_tokens: 6 }, begun));
    expect(answer).toMatch(/^ a \+ b/);
  });

  it('keeps to a grammar', async () => {
    const grammar = 'root ::= "name: " [a-z]+ ", age: " [1-9] [0-9]?';
    const answer = await chat('Describe a person.', { n: 3, seed: 1, max_tokens: 40, grammar });
    for (const choice of answer.choices.filter((c) => c.finish_reason === 'stop')) {
      expect(choice.message.content).toMatch(/^name: [a-z]+, age: [1-9][0-9]?$/);
    }
    expect(answer.choices.some((choice) => choice.finish_reason === 'stop')).toBe(true);
  });

  it('keeps to a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { city: { enum: ['Rome', 'Oslo'] }, big: { type: 'boolean' } },
      required: ['city', 'big'],
      additionalProperties: false,
    };
    const answer = await chat('Which city?', {
      seed: 2,
      max_tokens: 60,
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema } },
    });
    const parsed = JSON.parse(textOf(answer)) as Record<string, unknown>;
    expect(['Rome', 'Oslo']).toContain(parsed['city']);
    expect(typeof parsed['big']).toBe('boolean');
  });
});

describe('determinism', () => {
  const params = { temperature: 1.2, seed: 11, max_tokens: 40, top_k: 0 };
  const prompt = `Write a story about a fox. ${'It is red and quick. '.repeat(15)}`;

  it('gives the same text for the same seed, whatever ran before or runs beside it', async () => {
    const first = textOf(await chat(prompt, params));
    // Prompts that share the beginning and that don't, and others at the same time.
    await Promise.all([
      chat(`${prompt} Now!`, { max_tokens: 5 }),
      chat('Something else.', { max_tokens: 5 }),
    ]);
    const beside = await Promise.all([
      chat(prompt, params),
      chat(prompt.slice(0, 200), { max_tokens: 20 }),
      chat(prompt, { ...params, n: 3 }),
      chat('Unrelated.', { max_tokens: 20, seed: 3 }),
    ]);
    expect(textOf(beside[0])).toBe(first);
    expect(textOf(beside[2])).toBe(first);
    const again = await chat(prompt, { ...params, n: 3 });
    expect(again.choices.map((c) => c.message.content)).toEqual(
      beside[2].choices.map((c) => c.message.content),
    );
  });

  it('gives the same text in another process', async () => {
    const first = textOf(await chat(prompt, params));
    const other = await startModelServer({ program: built.program, modelFile, workers: 1 });
    try {
      const client2 = new OpenAI({ baseURL: other.url, apiKey: 'unused', maxRetries: 0 });
      const answer = await client2.chat.completions.create({
        model: other.model,
        messages: [{ role: 'user', content: prompt }],
        ...params,
      });
      expect(textOf(answer)).toBe(first);
    } finally {
      await other.close();
    }
  });

  it('gives other texts for other seeds and for each sample', async () => {
    const texts = new Set<string>();
    for (const seed of [1, 2]) {
      const answer = await chat(prompt, { ...params, seed, n: 3 });
      for (const choice of answer.choices) texts.add(choice.message.content ?? '');
    }
    expect(texts.size).toBe(6);
  });

  it('reads a prompt once for all of its samples', async () => {
    const first = await chat(`${prompt} again`, { n: 4, max_tokens: 3 });
    expect(first.usage?.completion_tokens).toBeLessThanOrEqual(12);
    const second = await chat(`${prompt} again`, { max_tokens: 3 });
    const { prompt_tokens: all, prompt_tokens_details: details } = second.usage ?? {};
    expect(details?.cached_tokens).toBe((all ?? 0) - 1);
  });
});

describe('refusals', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const failure = async (response: Response): Promise<{ status: number; param: unknown; code: unknown }> => {
    const { error } = (await response.json()) as {
      error: { param: unknown; code: unknown; message: string };
    };
    expect(error.message.length).toBeGreaterThan(10);
    return { status: response.status, param: error.param, code: error.code };
  };
  const body = (extra: object): string =>
    JSON.stringify({ model: server.model, messages: [{ role: 'user', content: 'hi' }], ...extra });

  it.each([['root ::= missing'], ['root ::= root "a"'], ['other ::= "a"'], ['root ::= "a" ]']])(
    'names a bad grammar: %s',
    async (grammar) => {
      expect(await failure(await post(body({ grammar })))).toEqual({
        status: 400,
        param: 'grammar',
        code: 'invalid_grammar',
      });
    },
  );

  it('names an unsupported field, also of a stream', async () => {
    const expected = { status: 400, param: 'tools', code: 'unsupported_field' };
    expect(await failure(await post(body({ tools: [{}], stream: true })))).toEqual(expected);
  });

  it('gives the numbers of a prompt that does not fit', async () => {
    const tooLong = chat('word '.repeat(2_000), { max_tokens: 5 });
    await expect(tooLong).rejects.toThrow(/holds 1023 tokens: the messages have 2\d\d\d/);
    await expect(chat('hi', { max_tokens: 5_000 })).rejects.toThrow(/max_tokens is 5000/);
  });

  it('refuses a body that is too large, not UTF-8, not JSON or not said to be JSON', async () => {
    const large = await failure(await post(body({ user: 'x'.repeat(1_100_000) })));
    expect(large).toMatchObject({ status: 413, code: 'body_too_large' });
    expect(await failure(await post(Buffer.from([0x7b, 0xff, 0x7d])))).toMatchObject({
      code: 'invalid_utf8',
    });
    expect(await failure(await post('{'))).toMatchObject({ status: 400, code: 'invalid_json' });
    expect(await failure(await post(body({}), { 'content-type': 'text/plain' }))).toMatchObject({
      status: 415,
    });
  });

  it('knows no other model, path or method', async () => {
    expect(await failure(await post(body({ model: 'gpt' })))).toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    expect((await fetch(`${server.url}/embeddings`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${server.url}/chat/completions`)).status).toBe(405);
  });
});

describe('load', () => {
  it('answers 429 with Retry-After when too many wait', async () => {
    const aborts = Array.from({ length: 5 }, () => new AbortController());
    const occupied = aborts.map((abort) =>
      client.chat.completions
        .create({ model: server.model, messages: [{ role: 'user', content: 'go' }], ...long } as never, {
          signal: abort.signal,
        })
        .catch(() => undefined),
    );
    await untilHealth((now) => now.busy === 2 && now.waiting === 3, 5_000);
    const error = await chat('one more').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(
      Number((error as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after')),
    ).toBeGreaterThan(0);
    for (const abort of aborts) abort.abort();
    await Promise.all(occupied);
    await untilHealth((now) => now.busy === 0 && now.waiting === 0, 2_000);
  });

  it.each([true, false])('stops generating when the client goes away (stream: %s)', async (stream) => {
    const abort = new AbortController();
    const gone = fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: server.model,
        messages: [{ role: 'user', content: 'go' }],
        ...long,
        stream,
      }),
      signal: abort.signal,
    }).then((response) => response.text());
    await untilHealth((now) => now.busy === 1, 5_000);
    abort.abort();
    await expect(gone).rejects.toThrow();
    await untilHealth((now) => now.busy === 0, 1_000);
  });
});

describe('processes', () => {
  it('answers 503 when a worker is killed, replaces it and goes on', async () => {
    const answers = [
      chat('go', { ...long, max_tokens: 300 }),
      chat('also go', { ...long, max_tokens: 300 }),
    ].map((answer) => answer.catch((error: unknown) => error));
    await untilHealth((now) => now.busy === 2, 5_000);
    const [victim] = childrenOf(server.pid);
    if (victim === undefined) throw new Error('there is no worker');
    process.kill(victim, 'SIGKILL');
    const results = await Promise.all(answers);
    const errors = results.filter((result) => result instanceof OpenAI.APIError);
    expect(errors.map((error) => error.status)).toEqual([503]);
    await untilHealth((now) => now.alive === 2, 20_000);
    expect(textOf(await chat('hi', { max_tokens: 2 })).length).toBeGreaterThan(0);
  });

  it('ends a stream with an error when its worker is killed', async () => {
    const stream = await client.chat.completions.create({
      model: server.model,
      messages: [{ role: 'user', content: 'go' }],
      ...long,
      stream: true,
    } as OpenAI.ChatCompletionCreateParamsStreaming);
    const read = async (): Promise<void> => {
      let killed = false;
      for await (const chunk of stream) {
        if (killed || !chunk.choices[0]?.delta.content) continue;
        killed = true;
        for (const worker of childrenOf(server.pid)) process.kill(worker, 'SIGKILL');
      }
    };
    await expect(read()).rejects.toThrow(/worker process ended/);
    await untilHealth((now) => now.alive === 2, 20_000);
  });

  it('closes within a second, also while generating', async () => {
    const other = await startModelServer({ program: built.program, modelFile, workers: 2 });
    const workers = childrenOf(other.pid);
    expect(workers).toHaveLength(2);
    const pending = fetch(`${other.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: other.model, messages: [{ role: 'user', content: 'go' }], ...long }),
    }).catch((error: unknown) => error);
    const begun = Date.now();
    await other.close();
    await untilGone([other.pid, ...workers], 1_000);
    expect(Date.now() - begun).toBeLessThan(1_000);
    await pending;
  });

  it('takes its workers along when it is killed', async () => {
    const other = await startModelServer({ program: built.program, modelFile, workers: 2 });
    const workers = childrenOf(other.pid);
    process.kill(other.pid, 'SIGKILL');
    await other.exited;
    await untilGone(workers, 2_000);
  });

  it('ends with its owner, however that ends', async () => {
    const source = `
      import { spawn } from 'node:child_process';
      const child = spawn(process.execPath, [${JSON.stringify(built.program)}, '--workers=1', ${JSON.stringify(`--model-file=${modelFile}`)}],
        { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      console.log(child.pid);
    `;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = createInterface({ input: owner.stdout });
    const [[pid]] = [(await once(lines, 'line')) as [string]];
    await once(lines, 'line');
    const all = [Number(pid), ...childrenOf(Number(pid))];
    expect(all).toHaveLength(2);
    owner.kill('SIGKILL');
    await untilGone(all, 2_000);
  });

  it('says why it does not start', async () => {
    const broken = startModelServer({ program: built.program, modelFile: built.program });
    await expect(broken).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_FILE_UNAVAILABLE' });
  });

  it('asks for the key when it has one', async () => {
    const other = await startModelServer({ program: built.program, modelFile, workers: 1, apiKey: 'secret' });
    try {
      const with_ = (apiKey: string): OpenAI => new OpenAI({ baseURL: other.url, apiKey, maxRetries: 0 });
      await expect(with_('wrong').models.list()).rejects.toMatchObject({ status: 401 });
      expect((await with_('secret').models.list()).data).toHaveLength(1);
    } finally {
      await other.close();
    }
  });
});
