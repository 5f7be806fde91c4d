import { ConfigError } from '@flowreasoner/config';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelEndpoints } from './model-endpoints.js';

const list = JSON.stringify([
  { name: 'local', baseUrl: 'http://127.0.0.1:1/v1', local: true, promptStyle: 'chat' },
  { name: 'far', baseUrl: 'https://models.example/v1' },
]);
const endpoints = [
  { name: 'local', baseUrl: 'http://127.0.0.1:1/v1', local: true },
  { name: 'far', baseUrl: 'https://models.example/v1' },
];

describe('model endpoints', () => {
  it('come from a variable or a file, without what is for the runner', () => {
    expect(readModelEndpoints({ FLOW_MODEL_ENDPOINTS: list })).toEqual(endpoints);
    const folder = mkdtempSync(join(tmpdir(), 'endpoints-'));
    writeFileSync(join(folder, 'list.json'), list);
    expect(readModelEndpoints({ FLOW_MODEL_ENDPOINTS_FILE: join(folder, 'list.json') })).toEqual(endpoints);
    rmSync(folder, { recursive: true });
  });

  it("are else one, from OpenAI's variables", () => {
    expect(readModelEndpoints({ OPENAI_API_KEY: 'k', FLOW_MODEL: 'm' })).toEqual([
      {
        name: 'default',
        baseUrl: 'https://api.openai.com/v1',
        apiKeyEnv: 'OPENAI_API_KEY',
        defaultModel: 'm',
      },
    ]);
  });

  it.each([
    { FLOW_MODEL_ENDPOINTS: '{' },
    { FLOW_MODEL_ENDPOINTS: '[]' },
    { FLOW_MODEL_ENDPOINTS: '[{}]' },
    { FLOW_MODEL_ENDPOINTS_FILE: '/nowhere' },
    { FLOW_MODEL_ENDPOINTS: list, FLOW_MODEL_ENDPOINTS_FILE: '/nowhere' },
  ])('refuses %j', (env) => {
    expect(() => readModelEndpoints(env)).toThrow(ConfigError);
  });
});
