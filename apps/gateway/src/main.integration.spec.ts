import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyServiceClient } from '@flowreasoner/contracts/metaagent';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import {
  answer,
  startApp,
  startScriptedModelServer,
  type AppProcess,
  type ScriptedModelServer,
} from '@flowreasoner/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// The gateway and the services behind it as processes of their own; only the model is scripted.

const readyMs = 30_000;
const serviceToken = 'service-token-0123456789';
const tenantToken = 'tenant-token-0123456789';
const problem = 'def double(x):\n    """\n    >>> double(2)\n    4\n    """\n';
const silence = 'SILENCE';

let folder: string;
let models: ScriptedModelServer;
let gateway: AppProcess;
let url: string;
let keys: KeyServiceClient;
const children: AppProcess[] = [];

const address = (app: string): string => `unix:${join(folder, `${app}.sock`)}`;

function start(app: string, env: Record<string, string>): AppProcess {
  const child = startApp(app, { env });
  children.push(child);
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

async function startGatewayApp(env: Record<string, string> = {}): Promise<{ app: AppProcess; url: string }> {
  const port = await freePort();
  const app = start('gateway', {
    FLOW_GATEWAY_PORT: String(port),
    FLOW_GATEWAY_META_AGENT_ADDRESS: address('meta-agent'),
    FLOW_GATEWAY_META_AGENT_TOKEN: serviceToken,
    ...env,
  });
  const base = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${base}/healthz`)).status).toBe(200), {
    timeout: readyMs,
    interval: 50,
  });
  return { app, url: base };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  models = await startScriptedModelServer({
    script: ({ body }) =>
      JSON.stringify(body.messages).includes(silence)
        ? { kind: 'hang' }
        : answer('```python\ndef double(x):\n    return 2 * x\n```'),
  });
  const tokens = join(folder, 'tokens');
  await writeFile(tokens, `${serviceToken} default service\n${tenantToken} acme\n`);
  const endpoints = JSON.stringify([
    {
      name: 'scripted',
      baseUrl: models.baseUrl,
      local: true,
      defaultModel: 'scripted',
      grammarStyle: 'none',
      promptStyle: 'chat',
    },
  ]);
  start('sandbox', { FLOW_SANDBOX_ADDRESS: address('sandbox') });
  start('workflow-runner', {
    FLOW_MODEL_ENDPOINTS: endpoints,
    FLOW_WORKFLOW_RUNNER_ADDRESS: address('workflow-runner'),
    FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: address('sandbox'),
  });
  start('meta-agent', {
    FLOW_MODEL_ENDPOINTS: endpoints,
    FLOW_META_AGENT_ADDRESS: address('meta-agent'),
    FLOW_META_AGENT_TOKENS_FILE: tokens,
    FLOW_META_AGENT_DATA_FOLDER: join(folder, 'data'),
    FLOW_META_AGENT_WORKFLOW_RUNNER_ADDRESS: address('workflow-runner'),
    FLOW_META_AGENT_SANDBOX_ADDRESS: address('sandbox'),
    FLOW_META_AGENT_REWARD_ADDRESS: address('reward'),
  });
  ({ app: gateway, url } = await startGatewayApp());
  keys = createClient(KeyServiceClient, { address: address('meta-agent'), token: tenantToken });
  await waitForReady(keys, readyMs);
});

afterAll(async () => {
  for (const child of children.reverse()) await child.kill();
  keys.close();
  await models.close();
  await rm(folder, { recursive: true });
});

const makeKey = async (): Promise<string> =>
  (await unary(keys, 'createKey', { requestId: '', displayName: 'ci', expireTime: undefined })).secret;

describe('the gateway in front of a meta-agent that asks for credentials', () => {
  it('is ready once the meta-agent is, and solves for the tenant of a key', async () => {
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), {
      timeout: readyMs,
    });
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: await makeKey(), maxRetries: 0 });
    const completion = await client.chat.completions.create({
      model: 'flowreasoner-search',
      messages: [{ role: 'user', content: problem }],
    });
    expect(completion.choices[0]?.message.content).toBe('def double(x):\n    return 2 * x\n');
    const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'flow_x', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
  });

  it('is not ready, and says so, where there is no meta-agent or no access to it', async () => {
    const lost = await startGatewayApp({ FLOW_GATEWAY_META_AGENT_ADDRESS: address('nowhere') });
    expect((await fetch(`${lost.url}/readyz`)).status).toBe(503);
    const headers = { authorization: `Bearer ${await makeKey()}` };
    expect(await (await fetch(`${lost.url}/v1/models`, { headers })).json()).toMatchObject({
      error: { type: 'server_error', code: 'service_unreachable' },
    });
    const denied = await startGatewayApp({ FLOW_GATEWAY_META_AGENT_TOKEN: tenantToken });
    const response = await fetch(`${denied.url}/v1/models`, { headers });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'gateway_unauthorized' } });
    for (const { app } of [lost, denied]) expect(await app.stop()).toBe(0);
  });

  it('cancels on SIGTERM what does not finish in time, tells its clients, and ends with 0', async () => {
    const brief = await startGatewayApp({ FLOW_GATEWAY_DRAIN_MS: '0' });
    const { aborted, received } = models.counts();
    const response = await fetch(`${brief.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await makeKey()}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'flowreasoner',
        stream: true,
        messages: [{ role: 'user', content: silence }],
      }),
    });
    await models.until((counts) => counts.received > received);
    const text = response.text();
    expect(await brief.app.stop()).toBe(0);
    expect(await text).toContain('"code":"gateway_stopping"');
    await models.until((counts) => counts.aborted > aborted);
    expect(gateway.child.exitCode).toBeNull();
  });

  it('names every variable that is wrong, with 78', async () => {
    const wrong = startApp('gateway', {
      env: { FLOW_GATEWAY_PORT: 'x', FLOW_GATEWAY_CORS_ORIGINS: '*', FLOW_GATEWAY_POTR: '1' },
      keepLogs: true,
    });
    const code = await new Promise((resolve) => wrong.child.once('close', resolve));
    expect(code).toBe(78);
    for (const name of ['FLOW_GATEWAY_PORT', 'FLOW_GATEWAY_CORS_ORIGINS', 'FLOW_GATEWAY_POTR']) {
      expect(wrong.logs()).toContain(name);
    }
  });
});
