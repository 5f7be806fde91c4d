import { FlowError } from '@flowreasoner/rpc';
import { describe, expect, it, vi } from 'vitest';
import { problemSchema, problemType } from './http/problem.js';
import { runListSchema, runSchema } from './runs/run-schema.js';
import { created, fakeEvent, fakeRun, finished, silentAfter } from './testing/fake-meta-agent.js';
import { call, chat, useGatewayHarness } from './testing/gateway-harness.js';

const harness = useGatewayHarness();

describe('API keys', () => {
  it('are asked for, verified, and remembered for a short time', async () => {
    const gateway = await harness.start({ keyCacheMs: 60_000 });
    const missing = await call(gateway, '/v1/models', { headers: { authorization: '' } });
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    const before = harness.fake.counts.verified;
    for (const authorization of ['Bearer bad-key', `Bearer ${'x'.repeat(500)}`, 'Basic good-key']) {
      const wrong = await call(gateway, '/api/v1/runs', { headers: { authorization } });
      expect(wrong.status).toBe(401);
      expect(wrong.headers.get('content-type')).toBe(problemType);
    }
    for (let times = 0; times < 3; times++) expect((await call(gateway, '/v1/models')).status).toBe(200);
    expect(harness.fake.counts.verified - before).toBe(2);
  });

  it('that were revoked open nothing once they are asked about again', async () => {
    harness.fake.tenants.set('short-key', 'acme');
    const gateway = await harness.start({ keyCacheMs: 0 });
    const headers = { authorization: 'Bearer short-key' };
    expect((await call(gateway, '/v1/models', { headers })).status).toBe(200);
    harness.fake.tenants.delete('short-key');
    expect((await call(gateway, '/v1/models', { headers })).status).toBe(401);
  });
});

describe('limits', () => {
  it('of requests a minute are told in headers, and refuse with the time to wait', async () => {
    const gateway = await harness.start({ requestsPerMinute: 2 });
    const first = await call(gateway, '/v1/models');
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('1');
    await call(gateway, '/v1/models');
    const refused = await call(gateway, '/v1/models');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(29);
    expect(await refused.json()).toMatchObject({
      error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    });
    expect((await call(gateway, '/healthz')).status).toBe(200);
  });

  it('of answers on their way refuse the next one', async () => {
    harness.fake.behaviour.solve = (_request, context) => silentAfter([created], context);
    const gateway = await harness.start({ maxStreamsPerKey: 1 });
    const gone = new AbortController();
    const json = chat('q', { stream: true });
    const first = await call(gateway, '/v1/chat/completions', { json, signal: gone.signal });
    const second = await call(gateway, '/v1/chat/completions', { json });
    expect(second.status).toBe(429);
    expect(await second.json()).toMatchObject({ error: { code: 'too_many_streams' } });
    gone.abort();
    await expect(first.text()).rejects.toThrow();
    await vi.waitFor(() => expect(gateway.openStreams()).toBe(0));
  });

  it('of a body are told, and the rest of it is not read', async () => {
    const gateway = await harness.start({ maxBodyBytes: 1_000 });
    for (const path of ['/v1/chat/completions', '/api/v1/runs']) {
      const response = await call(gateway, path, { json: chat('x'.repeat(2_000)) });
      expect(response.status).toBe(413);
      expect(await response.text()).toContain('larger than 1000 bytes');
    }
  });
});

describe('pages of other origins', () => {
  it('may not call unless their origin is configured', async () => {
    const headers = { origin: 'https://app.example' };
    const closed = await harness.start();
    const refused = await call(closed, '/v1/models', { headers });
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    const open = await harness.start({}, ['https://app.example']);
    const preflight = await fetch(`${open.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const other = await call(open, '/v1/models', { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('every answer', () => {
  it('has a request id, the caller’s own where it is one, and the headers of a careful server', async () => {
    const gateway = await harness.start();
    const own = await call(gateway, '/v1/models', { headers: { 'x-request-id': 'abc-1' } });
    expect(own.headers.get('x-request-id')).toBe('abc-1');
    const odd = await call(gateway, '/nowhere', { headers: { 'x-request-id': 'a b<script>' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(problemSchema.parse(await odd.json())).toMatchObject({
      status: 404,
      reason: 'UNKNOWN_PATH',
      request_id: odd.headers.get('x-request-id'),
    });
    expect(odd.headers.get('x-content-type-options')).toBe('nosniff');
    expect(odd.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(odd.headers.get('cache-control')).toBe('no-store');
    expect(odd.headers.get('x-powered-by')).toBeNull();
  });

  it('about an inner service tells nothing of where it is', async () => {
    const gateway = await harness.start();
    harness.fake.behaviour.solve = async function* () {
      throw new FlowError('PERMISSION_DENIED', 'TENANT_FORBIDDEN', 'gateway may not act for tenant acme');
    };
    const response = await call(gateway, '/v1/chat/completions', { json: chat('q') });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('acme');
  });
});

describe('the OpenAPI document', () => {
  it('describes every route, refers to nothing that is missing, and knows what may be null', async () => {
    const gateway = await harness.start();
    const text = await (await fetch(`${gateway.url}/openapi.json`)).text();
    const document = JSON.parse(text) as {
      paths: Record<string, object>;
      components: { schemas: Record<string, { properties?: Record<string, unknown> }> };
    };
    const { schemas } = document.components;
    expect(
      Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
      ),
    ).toEqual([
      'post /v1/chat/completions',
      'get /v1/models',
      'get /v1/models/{id}',
      'post /api/v1/runs',
      'get /api/v1/runs',
      'get /api/v1/runs/{id}',
      'post /api/v1/runs/{id}/cancel',
      'get /api/v1/runs/{id}/events',
    ]);
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
    expect(names.filter((name) => !(name in schemas))).toEqual([]);
    expect(schemas['Run']?.properties?.['result']).toMatchObject({
      anyOf: [{ $ref: '#/components/schemas/RunResult' }, { type: 'null' }],
    });
    expect(schemas['ChatCompletionRequest']).toMatchObject({ additionalProperties: false });
  });
});

describe('runs over REST', () => {
  it('are created with everything the contract has words for', async () => {
    const gateway = await harness.start();
    const body = {
      task: {
        id: 'a',
        kind: 'code',
        problem: 'p',
        context: 'c',
        visible_checks: [{ stdin: '1\n', stdout: '2\n' }],
        reward_task: 'tasks/1',
      },
      options: {
        policy: 'fixed:single',
        meta: { model: 'm' },
        worker: { endpoint: 'e', model: 'w' },
        max_rounds: 3,
        validation_runs: 2,
        max_repairs: 0,
        budget: { tokens: 10 },
        deadline_ms: 1_000,
        seed: 7,
        mode: 'compatible',
      },
    };
    const response = await call(gateway, '/api/v1/runs', {
      json: body,
      headers: { 'idempotency-key': 'k1' },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/api/v1/runs/0199-a');
    runSchema.parse(await response.json());
    expect(harness.fake.created.at(-1)).toMatchObject({
      tenant: 'acme',
      request: {
        requestId: 'k1',
        task: {
          context: 'c',
          visibleChecks: { suite: { $case: 'stdio', value: { cases: [{ stdin: '1\n', stdout: '2\n' }] } } },
          rewardTask: 'tasks/1',
        },
        options: {
          policy: 'fixed:single',
          meta: { endpoint: '', model: 'm' },
          maxRepairs: 0,
          seed: 7,
          mode: 2,
        },
      },
    });
  });

  it('are refused by the names of their fields', async () => {
    const gateway = await harness.start();
    const json = { task: { problem: '', kind: 'poem' }, options: { rounds: 1 } };
    const response = await call(gateway, '/api/v1/runs', { json });
    expect(response.status).toBe(400);
    const { errors } = problemSchema.parse(await response.json());
    expect(errors?.map(({ field }) => field)).toEqual(['task.kind', 'task.problem', 'options.rounds']);
    const key = await call(gateway, '/api/v1/runs', { json, headers: { 'idempotency-key': 'x'.repeat(65) } });
    expect(await key.json()).toMatchObject({ errors: [{ field: 'Idempotency-Key' }] });
    for (const query of ['page_size=0', 'page_size=x', 'state=lost', 'x=1']) {
      expect((await call(gateway, `/api/v1/runs?${query}`)).status).toBe(400);
    }
  });

  it('are listed and found', async () => {
    const gateway = await harness.start();
    const list = await call(gateway, '/api/v1/runs?page_size=2&page_token=t&state=running');
    expect(runListSchema.parse(await list.json()).next_page_token).toBe('more');
    expect(harness.fake.listed.at(-1)).toMatchObject({ pageSize: 2, pageToken: 't', state: 2 });
    expect(await (await call(gateway, '/api/v1/runs/0199-a')).json()).toMatchObject({ name: fakeRun.name });
    for (const id of ['other', '..%2Fx', 'A', '%00', 'x'.repeat(100)]) {
      expect((await call(gateway, `/api/v1/runs/${id}`)).status).toBe(404);
    }
  });

  it('send events with ids to resume from, and end with the gateway', async () => {
    harness.fake.behaviour.watch = (after, context) =>
      silentAfter([fakeEvent(Number(after) + 1, created.event), fakeEvent(0, undefined)], context);
    const gateway = await harness.start();
    const response = await call(gateway, '/api/v1/runs/0199-a/events?after=1&tokens=true', {
      headers: { 'last-event-id': '2' },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await vi.waitFor(() => expect(harness.fake.counts.open).toBe(1));
    const drained = gateway.drain(5_000);
    expect(await response.text()).toMatch(
      /^id: 3\nevent: run_created\ndata: \{.*\}\n\nevent: unknown\ndata: \{.*\}\n\n$/,
    );
    await drained;
    await vi.waitFor(() => expect(harness.fake.counts.open).toBe(0));
  });

  it('tell of a failure as an event', async () => {
    harness.fake.behaviour.watch = async function* () {
      yield created;
      throw new FlowError('UNAVAILABLE', 'SERVICE_STOPPING', 'The service is about to stop.');
    };
    const gateway = await harness.start();
    const text = await (await call(gateway, '/api/v1/runs/0199-a/events')).text();
    expect(text).toMatch(/\n\nevent: error\ndata: \{"type":"urn:flowreasoner:problem:service-stopping"/);
    const wrong = await call(gateway, '/api/v1/runs/0199-a/events', { headers: { 'last-event-id': 'x' } });
    expect(wrong.status).toBe(400);
  });
});

describe('a gateway that stops', () => {
  it('lets answers finish that are on their way, and takes no new ones', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    harness.fake.behaviour.solve = async function* () {
      yield created;
      await held;
      yield finished(2, { status: 'RUN_STATUS_SOLVED', answer: 'late' });
    };
    const gateway = await harness.start();
    const answer = await call(gateway, '/v1/chat/completions', { json: chat('q', { stream: true }) });
    const drained = gateway.drain(10_000);
    await expect(call(gateway, '/healthz')).rejects.toThrow();
    release();
    expect(await answer.text()).toContain('late');
    await drained;
  });

  it('cancels what does not finish in time, and says so', async () => {
    harness.fake.behaviour.solve = (_request, context) => silentAfter([created], context);
    const gateway = await harness.start();
    const answer = await call(gateway, '/v1/chat/completions', { json: chat('q', { stream: true }) });
    const drained = gateway.drain(0);
    expect(await answer.text()).toContain('gateway_stopping');
    await drained;
    await vi.waitFor(() => expect(harness.fake.counts.open).toBe(0));
  });
});
