import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@flowreasoner/config';
import { describe, expect, it } from 'vitest';
import { readModelEndpoints } from './model-endpoints.js';

const list = JSON.stringify([
  { name: 'local', baseUrl: 'http://127.0.0.1:1/v1', local: true, promptStyle: 'chat' },
  { name: 'far', baseUrl: 'https://models.example/v1' },
]);

describe('readModelEndpoints', () => {
  it('reads a list and takes the prompt styles out of it', () => {
    const { endpoints, promptStyles } = readModelEndpoints({ FLOW_MODEL_ENDPOINTS: list });
    expect(endpoints.map(({ name }) => name)).toEqual(['local', 'far']);
    expect(endpoints[0]).not.toHaveProperty('promptStyle');
    expect([...promptStyles]).toEqual([['local', 'chat']]);
  });

  it('reads a file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'endpoints-')), 'list.json');
    writeFileSync(file, list);
    expect(readModelEndpoints({ FLOW_MODEL_ENDPOINTS_FILE: file }).endpoints).toHaveLength(2);
  });

  it('falls back to the variables that OpenAI clients know', () => {
    const { endpoints } = readModelEndpoints({
      OPENAI_BASE_URL: 'http://127.0.0.1:2/v1',
      OPENAI_API_KEY: 'k',
      FLOW_MODEL: 'm',
    });
    expect(endpoints).toEqual([
      { name: 'default', baseUrl: 'http://127.0.0.1:2/v1', apiKeyEnv: 'OPENAI_API_KEY', defaultModel: 'm' },
    ]);
  });

  it.each([
    [{ FLOW_MODEL_ENDPOINTS: '{' }],
    [{ FLOW_MODEL_ENDPOINTS: '[]' }],
    [{ FLOW_MODEL_ENDPOINTS: '[{"name":"a","promptStyle":"loud"}]' }],
    [{ FLOW_MODEL_ENDPOINTS_FILE: '/nowhere/at/all' }],
    [{ FLOW_MODEL_ENDPOINTS: list, FLOW_MODEL_ENDPOINTS_FILE: 'x' }],
  ])('refuses %o', (env) => {
    expect(() => readModelEndpoints(env)).toThrow(ConfigError);
  });
});
