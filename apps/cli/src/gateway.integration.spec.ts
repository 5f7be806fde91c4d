import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  answer,
  createSeededRandom,
  type ScriptedModelServer,
  startScriptedModelServer,
} from '@flowreasoner/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FlowHome } from './testing/flow-process.js';
import { doubleProgram, doubleTask } from './testing/grpc-calls.js';
import { installPythonClient, pythonOpenAi, streamWithPython } from './testing/python-client.js';
import { freePorts, type ServedFlow, startServe } from './testing/serve-process.js';

// `flow serve` as it is built, with every real service; only the model is scripted.

/** Word in a query at which the model falls silent. */
const silence = 'SILENCE';
/** Word in a query at which the first answer is wrong. */
const hard = 'HARD';
/** Time within which an abandoned model request must be given up, in milliseconds. */
const abortMs = 500;
const wrong = '```python\ndef double(x):\n    return x\n```';
const right = `\`\`\`python\n${doubleProgram}\`\`\``;

let home: FlowHome;
let model: ScriptedModelServer;
let served: ServedFlow;
let hardAnswers = 0;

beforeAll(async () => {
  home = await FlowHome.create();
  model = await startScriptedModelServer({
    script: ({ body }) => {
      const text = JSON.stringify(body.messages);
      if (text.includes(silence)) return { kind: 'hang' };
      return answer(text.includes(hard) && hardAnswers++ === 0 ? wrong : right);
    },
  });
  served = await startServe(home, ['--base-url', model.baseUrl, '--worker', 'scripted']);
});

afterAll(async () => {
  served.running.child.kill('SIGTERM');
  await served.running.result;
  await model.close();
  await home.remove();
});

function client(apiKey = served.apiKey): OpenAI {
  return new OpenAI({ baseURL: `${served.http}/v1`, apiKey, maxRetries: 0 });
}

function rest(path: string, init: RequestInit = {}, apiKey = served.apiKey): Promise<Response> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...init.headers };
  return fetch(`${served.http}${path}`, { ...init, headers });
}

/** Completion requests that the model server has not ended. */
function openRequests(): number {
  const { received, finished, aborted, cut } = model.counts();
  return received - finished - aborted - cut;
}

describe('the official clients of OpenAI', () => {
  it('for Node streams reasoning, an answer that was repaired, and the usage of all models', async () => {
    hardAnswers = 0;
    const before = model.counts().received;
    const stream = await client().chat.completions.create({
      model: 'flowreasoner-search',
      messages: [{ role: 'user', content: `${doubleTask.problem}# ${hard}` }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let [reasoning, content, total] = ['', '', 0];
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined;
      reasoning += delta?.reasoning_content ?? '';
      content += delta?.content ?? '';
      total += chunk.usage?.total_tokens ?? 0;
    }
    expect(content).toBe(doubleProgram);
    expect(reasoning).toMatch(
      /^Round 1: .*\n\n0 of 1 checks pass\.\n\nRound 2: .*\n\n1 of 1 checks pass\.\n$/,
    );
    const requests = model.counts().received - before;
    expect(requests).toBeGreaterThan(1);
    const { data } = await client()
      .chat.completions.create({
        model: 'flowreasoner',
        messages: [{ role: 'user', content: doubleTask.problem }],
      })
      .withResponse();
    const one = data.usage?.total_tokens ?? 0;
    expect(one).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(one);
  });

  it('for Python streams the same, and is told which field is wrong', async () => {
    hardAnswers = 0;
    const library = installPythonClient();
    const seen = await streamWithPython(library, {
      ...served,
      problem: `${doubleTask.problem}# ${hard}`,
    });
    expect(seen).toMatchObject({
      content: doubleProgram,
      finish: 'stop',
      refused: 'n',
      version: pythonOpenAi.version,
    });
    expect(seen.reasoning).toContain('1 of 1 checks pass.');
    expect(seen.total_tokens).toBeGreaterThan(0);
    expect(JSON.stringify(model.requests.at(-1)?.body.messages)).toContain('You write Python.');
  });
});

describe('a client that goes away', () => {
  it.each([true, false])('takes its model request with it at once (stream: %s)', async (stream) => {
    const { aborted } = model.counts();
    const gone = new AbortController();
    const messages = [{ role: 'user' as const, content: silence }];
    const waiting = client()
      .chat.completions.create({ model: 'flowreasoner', messages, stream }, { signal: gone.signal })
      .then(async (result) => {
        if (Symbol.asyncIterator in result) for await (const chunk of result) void chunk;
      });
    waiting.catch(() => undefined);
    await model.until(({ received, finished, aborted: ended }) => received > finished + ended);
    const leftAt = Date.now();
    gone.abort();
    await model.until((counts) => counts.aborted > aborted);
    expect(Date.now() - leftAt).toBeLessThan(abortMs);
    const list = (await (await rest('/api/v1/runs?page_size=1')).json()) as { runs: { id: string }[] };
    await vi.waitFor(async () => {
      const run = await (await rest(`/api/v1/runs/${list.runs[0]?.id}`)).json();
      expect(run).toMatchObject({ state: 'finished', result: { status: 'cancelled' } });
    });
  });

  it('among many, at any moment, leaves no run and no model request behind', async () => {
    const random = createSeededRandom(1);
    const clients = process.env['FLOW_FULL'] === '1' ? 200 : 40;
    await Promise.all(
      Array.from({ length: clients }, async () => {
        const gone = new AbortController();
        setTimeout(() => gone.abort(), random() * 1_500);
        const body = JSON.stringify({
          model: 'flowreasoner',
          stream: random() < 0.5,
          messages: [{ role: 'user', content: random() < 0.7 ? silence : doubleTask.problem }],
        });
        await rest('/v1/chat/completions', { method: 'POST', body, signal: gone.signal })
          .then((response) => response.text())
          .catch(() => undefined);
      }),
    );
    await vi.waitFor(
      async () => {
        for (const state of ['queued', 'running']) {
          const list = await (await rest(`/api/v1/runs?state=${state}`)).json();
          expect(list).toMatchObject({ runs: [] });
        }
        expect(openRequests()).toBe(0);
      },
      { timeout: 10_000, interval: 100 },
    );
    const { data } = await client().models.list();
    expect(data.length).toBeGreaterThan(3);
  });
});

describe('runs over REST', () => {
  const task = { problem: doubleTask.problem };
  const create = (body: object, key: string): Promise<Response> =>
    rest('/api/v1/runs', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'idempotency-key': key },
    });

  it('are made once for one idempotency key, and followed from any event on', async () => {
    const first = await create({ task }, 'once');
    expect(first.status).toBe(201);
    const run = (await first.json()) as { id: string };
    expect(first.headers.get('location')).toBe(`/api/v1/runs/${run.id}`);
    expect(await (await create({ task }, 'once')).json()).toMatchObject({ id: run.id });
    const other = await create({ task: { problem: 'another' } }, 'once');
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ reason: 'REQUEST_ID_REUSED', status: 409 });

    const events = await readEvents(await rest(`/api/v1/runs/${run.id}/events`));
    expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => String(index + 1)));
    expect(events[0]?.event).toBe('run_created');
    expect(events.at(-1)?.event).toBe('run_finished');
    const last = events.at(-1)?.id ?? '';
    const resumed = await rest(`/api/v1/runs/${run.id}/events`, { headers: { 'last-event-id': '3' } });
    expect((await readEvents(resumed)).map(({ id }) => id)).toEqual(events.slice(3).map(({ id }) => id));
    const over = await rest(`/api/v1/runs/${run.id}/events`, { headers: { 'last-event-id': last } });
    expect(over.status).toBe(204);
  });

  it('are cancelled', async () => {
    const run = (await (await create({ task: { problem: silence } }, 'cancel')).json()) as { id: string };
    expect((await rest(`/api/v1/runs/${run.id}/cancel`, { method: 'POST' })).status).toBe(200);
    const events = await readEvents(await rest(`/api/v1/runs/${run.id}/events`));
    expect(events.at(-1)?.data).toContain('RUN_STATUS_CANCELLED');
  });
});

describe('flow keys, while flow serve has the store', () => {
  it('makes a key of another tenant, which sees nothing of this one', async () => {
    const made = await home.run(['keys', 'create', '--tenant', 'other', '--name', 'ci', '--json']);
    expect(made.code).toBe(0);
    const { api_key: key, tenant, state } = made.lines[0] ?? {};
    expect([tenant, state]).toEqual(['other', 'valid']);
    const mine = (await (await rest('/api/v1/runs?page_size=1')).json()) as { runs: { id: string }[] };
    const found = await rest(`/api/v1/runs/${mine.runs[0]?.id}`, {}, String(key));
    expect(found.status).toBe(404);
    const theirs = await (await rest('/api/v1/runs', {}, String(key))).json();
    expect(theirs).toEqual({ runs: [], next_page_token: '' });
  });

  it('revokes a key, which then opens nothing', async () => {
    const made = await home.run(['keys', 'create', '--expires', '1d', '--json']);
    const { key, api_key: secret } = made.lines[0] ?? {};
    const revoked = await home.run(['keys', 'revoke', String(key)]);
    expect(revoked).toMatchObject({ code: 0, stdout: `${String(key)}: revoked\n` });
    const refused = await rest('/v1/models', {}, String(secret));
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    const listed = await home.run(['keys', 'list', '--json']);
    expect(listed.lines.find((line) => line['key'] === key)).toMatchObject({ state: 'revoked' });
    expect(listed.stdout).not.toContain(secret);
    expect((await home.run(['keys', 'revoke', 'keys/0'])).code).toBe(64);
  });

  it('shows a key to people once, alone on standard output', async () => {
    const made = await home.run(['keys', 'create']);
    expect(made.stdout).toMatch(/^flow_[0-9a-f]{20}_\S{43}\n$/);
    expect(made.stderr).toContain('not shown again');
    expect((await home.run(['keys', 'list'])).stdout).toContain('valid');
  });
});

describe('flow serve, for people', () => {
  it('shows a first request that can be pasted', async () => {
    const other = await FlowHome.create();
    try {
      const port = String(await freePorts(5));
      const args = ['serve', '--port', port, '--base-url', model.baseUrl, '--worker', 'scripted'];
      const running = other.start(args);
      let said = '';
      running.child.stderr?.on('data', (text: string) => (said += text));
      await running.until('ready; Ctrl-C');
      const [command = ''] = /curl .*/.exec(said) ?? [];
      const { stdout } = await promisify(execFile)('sh', ['-c', command]);
      expect(JSON.parse(stdout)).toMatchObject({ object: 'chat.completion' });
      running.child.kill('SIGTERM');
      expect((await running.result).code).toBe(143);
    } finally {
      await other.remove();
    }
  });
});

describe('flow keys, without flow serve', () => {
  it('works on the store of this user', async () => {
    const other = await FlowHome.create();
    try {
      const made = await other.run(['keys', 'create', '--json']);
      const listed = await other.run(['keys', 'list', '--json']);
      expect(listed.lines).toEqual([
        expect.objectContaining({ key: made.lines[0]?.['key'], state: 'valid' }),
      ]);
      const twice = await other.run(['keys', 'revoke', 'keys/00000000000000000000', '--json']);
      expect(twice).toMatchObject({ code: 64, lines: [{ event: 'error', reason: 'KEY_NOT_FOUND' }] });
    } finally {
      await other.remove();
    }
  });
});

interface SentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

async function readEvents(response: Response): Promise<SentEvent[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => Object.fromEntries(block.split('\n').map((line) => splitLine(line))) as SentEvent);
}

function splitLine(line: string): [string, string] {
  const at = line.indexOf(': ');
  return [line.slice(0, at), line.slice(at + 2)];
}
