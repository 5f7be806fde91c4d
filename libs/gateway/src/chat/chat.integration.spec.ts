import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { startTelemetry } from '@flowreasoner/telemetry';
import OpenAI from 'openai';
import { describe, expect, it, vi } from 'vitest';
import { call, chat, useGatewayHarness } from '../testing/gateway-harness.js';
import { created, fakeEvent, fakeRun, finished, silentAfter } from '../testing/fake-meta-agent.js';
import { chatChunkSchema, chatCompletionSchema } from './chat-schema.js';

const harness = useGatewayHarness();

const usage = { modelCalls: 3, promptTokens: 30, completionTokens: 12, costUsd: 0.5, sandboxMs: 7 };

/** A run with reasoning, two rounds and an answer. */
async function* wholeRun(): AsyncGenerator<RunEvent> {
  yield created;
  yield fakeEvent(2, { $case: 'roundStarted', value: { summary: 'One call', parentRound: 0 } }, 1);
  yield fakeEvent(3, { $case: 'reasoning', value: { text: 'Let me think. ' } }, 1);
  yield fakeEvent(4, {
    $case: 'metaRequestFinished',
    value: {
      usage: { modelCalls: 1, promptTokens: 20, completionTokens: 2, costUsd: 0.4, sandboxMs: 0 },
      error: '',
      fromMemo: false,
      memo: undefined,
    },
  });
  yield finished(5, {
    status: 'RUN_STATUS_SOLVED',
    stopReason: 'STOP_REASON_ALL_CHECKS_PASS',
    feedbackSource: 'FEEDBACK_SOURCE_GIVEN_CHECKS',
    answer: 'def f():\n    return 1\n# END\nmore',
    visible: { passed: 2, total: 2 },
    bestRound: 1,
    rounds: 1,
    durationMs: 9,
    usage,
  });
}

describe('chat completions', () => {
  it('answer in the shape that is documented, with usage by who used it', async () => {
    harness.fake.behaviour.solve = wholeRun;
    const gateway = await harness.start();
    const response = await call(gateway, '/v1/chat/completions', { json: chat('q') });
    expect(response.status).toBe(200);
    const body = chatCompletionSchema.parse(await response.json());
    expect(body).toMatchObject({
      id: 'chatcmpl-0199-a',
      model: 'flowreasoner',
      choices: [
        { finish_reason: 'stop', message: { reasoning_content: 'Round 1: One call\nLet me think. ' } },
      ],
      usage: {
        prompt_tokens: 30,
        completion_tokens: 12,
        total_tokens: 42,
        flowreasoner: {
          model_calls: 3,
          cost_usd: 0.5,
          sandbox_ms: 7,
          meta: { model_calls: 1, prompt_tokens: 20, completion_tokens: 2, cost_usd: 0.4 },
          worker: { model_calls: 2, prompt_tokens: 10, completion_tokens: 10 },
        },
      },
      flowreasoner: { run: fakeRun.name, status: 'solved', visible: { passed: 2, total: 2 } },
    });
  });

  it('stream reasoning, then the answer, then usage, to the official client', async () => {
    harness.fake.behaviour.solve = wholeRun;
    const gateway = await harness.start();
    const client = new OpenAI({ apiKey: 'good-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'flowreasoner-llm',
      messages: [{ role: 'user', content: 'q' }],
      stop: ['# END'],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chatChunkSchema.parse(chunk));
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
    expect(deltas[0]).toEqual({ role: 'assistant', content: '' });
    expect(deltas.map((delta) => delta.reasoning_content ?? '').join('')).toBe(
      'Round 1: One call\nLet me think. ',
    );
    expect(deltas.map((delta) => delta.content ?? '').join('')).toBe('def f():\n    return 1\n');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 42 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(harness.fake.solved.at(-1)).toMatchObject({
      tenant: 'acme',
      request: { options: { policy: 'llm' } },
    });
  });

  it('take conversation, checks, budget and limits to the run', async () => {
    const gateway = await harness.start();
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'Double it.' },
    ];
    const flowreasoner = {
      kind: 'code',
      entry_point: 'double',
      visible_checks: ['assert double(2) == 4'],
      budget: { cost_usd: 0.5, tokens: 1000, model_calls: 5, sandbox_ms: 9000 },
      max_rounds: 2,
      deadline_ms: 5000,
    };
    const json = { model: 'flowreasoner-fixed-best-of-n', messages, flowreasoner, seed: -1, temperature: 0 };
    expect((await call(gateway, '/v1/chat/completions', { json })).status).toBe(200);
    expect(harness.fake.solved.at(-1)?.request).toMatchObject({
      task: {
        problem: 'Double it.',
        context: 'System:\nBe brief.\n\nUser:\nHello\n\nAssistant:\nHi',
        entryPoint: 'double',
        visibleChecks: { suite: { value: { entryPoint: 'double', asserts: ['assert double(2) == 4'] } } },
      },
      options: {
        policy: 'fixed:best-of-n',
        maxRounds: 2,
        deadlineMs: 5000,
        seed: 4_294_967_295,
        budget: { costUsd: 0.5, tokens: 1000, modelCalls: 5, sandboxMs: 9000 },
      },
    });
  });

  it('cut an answer at max_tokens, and say so', async () => {
    const gateway = await harness.start();
    const response = await call(gateway, '/v1/chat/completions', { json: chat('q', { max_tokens: 2 }) });
    expect(await response.json()).toMatchObject({
      choices: [{ finish_reason: 'length', message: { content: 'forty-tw' } }],
    });
  });

  it('tell of a run that a fault ended, with a status or, once begun, within the stream', async () => {
    harness.fake.behaviour.solve = async function* () {
      yield created;
      yield finished(2, {
        status: 'RUN_STATUS_UNAVAILABLE',
        reason: 'MODEL_UNREACHABLE',
        message: 'The model "x" is down.',
        hint: 'start it',
      });
    };
    const gateway = await harness.start();
    const whole = await call(gateway, '/v1/chat/completions', { json: chat('q') });
    expect(whole.status).toBe(503);
    const error = {
      message: 'The model "x" is down. Start it.',
      type: 'server_error',
      param: null,
      code: 'model_unreachable',
    };
    expect(await whole.json()).toEqual({ error });
    const client = new OpenAI({ apiKey: 'good-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'flowreasoner',
      messages: [{ role: 'user', content: 'q' }],
      stream: true,
    });
    await expect(async () => {
      for await (const chunk of stream) void chunk;
    }).rejects.toThrow('The model "x" is down');
  });

  it('of an unknown policy name the model, and refuse what the meta-agent refuses in their own words', async () => {
    const gateway = await harness.start();
    harness.fake.behaviour.solve = async function* () {
      throw new FlowError('INVALID_ARGUMENT', 'INVALID_REQUEST', 'options.policy must be one of llm', {
        fieldViolations: [{ field: 'options.policy', description: 'must be one of llm' }],
      });
    };
    const unknown = await call(gateway, '/v1/chat/completions', {
      json: chat('q', { model: 'flowreasoner-magic', stream: true }),
    });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
    harness.fake.behaviour.solve = async function* () {
      throw new FlowError('INVALID_ARGUMENT', 'INVALID_REQUEST', 'task.problem is too long', {
        fieldViolations: [{ field: 'task.problem', description: 'is too long' }],
      });
    };
    const long = await call(gateway, '/v1/chat/completions', { json: chat('q') });
    expect(await long.json()).toMatchObject({
      error: { param: 'messages', message: 'messages: is too long.' },
    });
  });
});

describe('the trace of a caller', () => {
  it('goes on in the meta-agent', async () => {
    const telemetry = await startTelemetry({ service: 'spec', version: '0' });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    let seen: unknown;
    harness.fake.behaviour.solve = (_request, context) => {
      [seen] = context.metadata.get('traceparent');
      return wholeRun();
    };
    const gateway = await harness.start();
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    await call(gateway, '/v1/chat/completions', { json: chat('q'), headers });
    expect(seen).toContain(traceId);
    await telemetry.shutdown();
  });
});

describe('a client that goes away', () => {
  it.each([true, false])('takes its run with it (stream: %s)', async (stream) => {
    harness.fake.behaviour.solve = (_request, context) => silentAfter([created], context);
    const gateway = await harness.start();
    const { abandoned } = harness.fake.counts;
    const gone = new AbortController();
    const answer = call(gateway, '/v1/chat/completions', {
      json: chat('q', { stream }),
      signal: gone.signal,
    });
    answer.catch(() => undefined);
    await vi.waitFor(() => expect(harness.fake.counts.open).toBe(1));
    if (stream) await (await answer).body?.getReader().read();
    gone.abort();
    await vi.waitFor(() => expect(harness.fake.counts).toMatchObject({ open: 0, abandoned: abandoned + 1 }));
    await vi.waitFor(() => expect(gateway.openStreams()).toBe(0));
  });
});

describe('a meta-agent that goes away', () => {
  it('is replaced by one that tells the rest; then the client is the one that cancels', async () => {
    harness.fake.behaviour = {
      solve: async function* () {
        yield created;
        throw new FlowError('UNAVAILABLE', 'SERVICE_STOPPING', 'The service is about to stop.');
      },
      watch: async function* (after) {
        expect(after).toBe(1n);
        yield finished(2, { status: 'RUN_STATUS_SOLVED', answer: 'found' });
      },
    };
    const gateway = await harness.start();
    const response = await call(gateway, '/v1/chat/completions', { json: chat('q') });
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'found' } }] });
    expect(harness.fake.cancelled).toEqual([]);
    const { solve } = harness.fake.behaviour;
    if (solve === undefined) throw new Error('there is no behaviour');
    harness.fake.behaviour = { solve, watch: (_after, context) => silentAfter([], context) };
    const gone = new AbortController();
    const answer = call(gateway, '/v1/chat/completions', { json: chat('q'), signal: gone.signal });
    answer.catch(() => undefined);
    await vi.waitFor(() => expect(harness.fake.counts.open).toBe(1));
    gone.abort();
    await vi.waitFor(() => expect(harness.fake.cancelled).toEqual([fakeRun.name]));
  });
});

describe('models', () => {
  it('are those of the policies', async () => {
    const gateway = await harness.start();
    const client = new OpenAI({ apiKey: 'good-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual([
      'flowreasoner',
      'flowreasoner-fast',
      'flowreasoner-llm',
      'flowreasoner-search',
      'flowreasoner-fixed-best-of-n',
    ]);
    expect((await client.models.retrieve('flowreasoner-fast')).owned_by).toBe('flowreasoner');
    await expect(client.models.retrieve('gpt-9')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });
});
