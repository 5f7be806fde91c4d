import { connect } from 'node:net';
import { createSeededRandom } from '@flowreasoner/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { RunningGateway } from './start-gateway.js';
import { created, fakeEvent, finished, silentAfter } from './testing/fake-meta-agent.js';
import { call, chat, useGatewayHarness } from './testing/gateway-harness.js';
import { rawRequest, sendRaw } from './testing/raw-http.js';

const harness = useGatewayHarness();
const full = process.env['FLOW_FULL'] === '1';
const paths = ['/v1/chat/completions', '/api/v1/runs'];
const authorization = 'Bearer good-key';
const json = 'application/json';

function post(
  gateway: RunningGateway,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = json,
): Promise<Response> {
  return call(gateway, path, { method: 'POST', body, headers: { 'content-type': type } });
}

async function expectAlive(gateway: RunningGateway): Promise<void> {
  expect((await call(gateway, '/v1/chat/completions', { json: chat('q') })).status).toBe(200);
  await vi.waitFor(() => expect(gateway.openStreams()).toBe(0));
}

describe('bodies that are not what was asked for', () => {
  it('are refused with a status of the 400s, whatever they are', async () => {
    const gateway = await harness.start();
    const bodies: Record<string, string | Uint8Array<ArrayBuffer>> = {
      empty: '',
      'no JSON': '{"model":',
      'not UTF-8': new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
      null: 'null',
      'a number': '1e999',
      'an array': '[[]]',
      'deep arrays': '['.repeat(200_000) + ']'.repeat(200_000),
      'deep objects': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      'a message of wrong shape': '{"model":"flowreasoner","messages":[{"role":"user","content":{"a":1}}]}',
      'twice the same key': '{"model":1,"model":2,"messages":[]}',
      __proto__: '{"__proto__":{"model":"flowreasoner"}}',
      constructor: '{"constructor":{"prototype":{"model":"x"}}}',
    };
    for (const path of paths) {
      for (const [name, body] of Object.entries(bodies)) {
        const response = await post(gateway, path, body);
        expect(response.status, `${path}: ${name}`).toBe(400);
        expect((await response.text()).length, name).toBeLessThan(2_000);
      }
      expect((await post(gateway, path, '{}', 'text/plain')).status).toBe(415);
      expect((await post(gateway, path, '{}', 'application/jsonx')).status).toBe(415);
    }
    await expectAlive(gateway);
  });

  it('are refused when they have 10 MB, with a length or in pieces', async () => {
    const gateway = await harness.start();
    const big = Buffer.alloc(10 * 1024 * 1024, 0x20);
    for (const path of paths) {
      const whole = await post(gateway, path, big).catch(() => undefined);
      // A client that is still sending may find the connection closed before it reads the answer.
      if (whole !== undefined) expect(whole.status).toBe(413);
      const headers = { authorization, 'content-type': json, 'transfer-encoding': 'chunked' };
      const pieces = `${(64 * 1024).toString(16)}\r\n${' '.repeat(64 * 1024)}\r\n`.repeat(160);
      const answer = await sendRaw(gateway, rawRequest(`POST ${path}`, headers, `${pieces}0\r\n\r\n`));
      if (answer !== '') expect(answer).toContain('413');
    }
    await expectAlive(gateway);
  });

  it('that are odd but right are taken: null bytes, lone surrogates, any script', async () => {
    const gateway = await harness.start();
    const odd = 'a\u0000b \ud800 مرحبا 👩‍👩‍👧 \u202e\uffff';
    const response = await call(gateway, '/v1/chat/completions', { json: chat(odd) });
    expect(response.status).toBe(200);
    expect(harness.fake.solved.at(-1)?.request.task?.problem).toBe(odd.toWellFormed());
  });

  it('made at random never make it fail', async () => {
    const gateway = await harness.start();
    const value = fc.jsonValue({ maxDepth: 3 });
    const request = fc.record(
      {
        model: fc.oneof(fc.constant('flowreasoner'), value),
        messages: fc.oneof(
          value,
          fc.array(fc.record({ role: fc.constantFrom('user', 'system', 'tool'), content: value })),
        ),
        max_tokens: value,
        stop: value,
        stream: fc.boolean(),
        flowreasoner: value,
        task: value,
        options: value,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), request, async (path, body) => {
        const response = await call(gateway, path, { json: body });
        await response.text();
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: full ? 5_000 : 300 },
    );
    await expectAlive(gateway);
  });
});

describe('requests that are not what HTTP is', () => {
  it('in the head are refused or cut off', async () => {
    const gateway = await harness.start();
    const heads: Record<string, string> = {
      garbage: '\u0000\u0001\u0002 hello\r\n\r\n',
      'no version': 'GET /\r\n\r\n',
      'a header in a header': rawRequest('GET /v1/models', { authorization: 'x\r\n\tinjected: 1' }),
      'an endless header': rawRequest('GET /v1/models', { x: 'y'.repeat(100_000) }),
      'a body of two lengths': rawRequest('POST /v1/chat/completions', {
        'content-length': '5',
        'transfer-encoding': 'chunked',
      }),
      'a negative length': rawRequest('POST /v1/chat/completions', { 'content-length': '-1' }),
      'an odd method': rawRequest('FOO /v1/models', { authorization }),
      TRACE: rawRequest('TRACE /v1/models', { authorization, connection: 'close' }),
      CONNECT: rawRequest('CONNECT example.com:80', { authorization }),
      'a path with dots': rawRequest('GET /v1/../api/v1/runs/..%2f..%2fetc', {
        connection: 'close',
        authorization,
      }),
      'an absolute target': rawRequest('GET http://evil.example/v1/models', { connection: 'close' }),
      'a host of nonsense': 'GET /v1/models HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
    };
    for (const [name, bytes] of Object.entries(heads)) {
      const answer = await sendRaw(gateway, bytes);
      if (answer !== '') expect(answer, name).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer, name).not.toMatch(/^injected/im);
    }
    await expectAlive(gateway);
  });

  it('by the wrong method are told the right ones', async () => {
    const gateway = await harness.start();
    for (const [path, method, allow] of [
      ['/v1/chat/completions', 'GET', 'POST'],
      ['/v1/models', 'DELETE', 'GET, HEAD'],
      ['/api/v1/runs/0199-a/cancel', 'PUT', 'POST'],
      ['/healthz', 'POST', 'GET, HEAD'],
    ] as const) {
      const response = await call(gateway, path, { method });
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, allow]);
    }
  });

  it('that are sent one behind the other are answered in their order', async () => {
    const gateway = await harness.start();
    const body = JSON.stringify(chat('q'));
    const headers = { authorization, 'content-type': json, 'content-length': String(body.length) };
    const ask = rawRequest('POST /v1/chat/completions', headers, body);
    const list = rawRequest('GET /v1/models', { authorization });
    const last = rawRequest('GET /healthz', { connection: 'close' });
    const answer = await sendRaw(gateway, ask + list + ask + last);
    const order = [...answer.matchAll(/"object":"(chat\.completion|list)"|"status":"(ok)"/g)].map(
      ([, object, status]) => object ?? status,
    );
    expect(order).toEqual(['chat.completion', 'list', 'chat.completion', 'ok']);
  });

  it('that are cut off in the middle leave nothing behind', async () => {
    const gateway = await harness.start();
    const body = JSON.stringify(chat('q', { stream: true }));
    const headers = { authorization, 'content-type': json, 'content-length': String(body.length + 100) };
    const { solved } = harness.fake;
    const before = solved.length;
    const { hostname, port } = new URL(gateway.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(rawRequest('POST /v1/chat/completions', headers, body), () => socket.destroy());
      });
      socket.once('close', () => resolve());
    });
    await expectAlive(gateway);
    expect(solved.length).toBe(before + 1);
  });
});

describe('clients that are slow', () => {
  it('to send a request are cut off', async () => {
    const gateway = await harness.start({ headMs: 200, requestMs: 400 });
    expect(await sendRaw(gateway, 'GET /v1/models HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
    const headers = { authorization, 'content-type': json, 'content-length': '1000' };
    const half = rawRequest('POST /v1/chat/completions', headers, '{"model":');
    expect(await sendRaw(gateway, half)).toMatch(/^HTTP\/1\.1 408 /);
    await expectAlive(gateway);
  });

  it('to read what they asked for are cut off', async () => {
    const text = 'x'.repeat(512 * 1024);
    harness.fake.behaviour.watch = async function* () {
      for (let sequence = 1; ; sequence++) {
        yield fakeEvent(sequence, { $case: 'reasoning', value: { text } });
      }
    };
    const gateway = await harness.start({ stallMs: 300 });
    const { hostname, port } = new URL(gateway.url);
    const request = rawRequest('GET /api/v1/runs/0199-a/events', { authorization });
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.on('error', () => undefined);
    await vi.waitFor(() => expect(harness.fake.counts.open).toBe(1));
    await vi.waitFor(() => expect(harness.fake.counts.open).toBe(0), { timeout: 10_000 });
    await vi.waitFor(() => expect(gateway.openStreams()).toBe(0));
    socket.destroy();
    await expectAlive(gateway);
  });
});

describe('200 clients at once', () => {
  it('that go away at random moments leave no stream, run or listener behind', async () => {
    const random = createSeededRandom(7);
    harness.fake.behaviour.solve = (request, context) =>
      request.task?.problem === 'quick'
        ? (async function* () {
            yield created;
            yield finished(2, { status: 'RUN_STATUS_SOLVED', answer: 'a' });
          })()
        : silentAfter([created], context);
    harness.fake.behaviour.watch = (_after, context) => silentAfter([created], context);
    const gateway = await harness.start({ maxStreamsPerKey: 1_000 });
    const rounds = full ? 5 : 1;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        Array.from({ length: 200 }, async () => {
          const gone = new AbortController();
          const kind = random();
          setTimeout(() => gone.abort(), random() * 400);
          const problem = random() < 0.3 ? 'quick' : 'slow';
          const init = { signal: gone.signal };
          const asked =
            kind < 0.2
              ? call(gateway, '/api/v1/runs/0199-a/events', init)
              : call(gateway, '/v1/chat/completions', {
                  json: chat(problem, { stream: kind < 0.6 }),
                  ...init,
                });
          await asked.then((response) => response.text()).catch(() => undefined);
        }),
      );
      await vi.waitFor(() => {
        expect(harness.fake.counts.open).toBe(0);
        expect(gateway.openStreams()).toBe(0);
      });
    }
    harness.fake.behaviour = {};
    await expectAlive(gateway);
  });
});
