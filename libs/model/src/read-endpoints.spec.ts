import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@flowreasoner/config';
import { describe, expect, it } from 'vitest';
import { readModelEndpoints } from './read-endpoints.js';

const list = JSON.stringify([
  { name: 'local', baseUrl: 'http://127.0.0.1:1/v1', local: true, promptStyle: 'chat' },
  { name: 'far', baseUrl: 'https://models.example/v1' },
]);
const endpoints = [
  { name: 'local', baseUrl: 'http://127.0.0.1:1/v1', local: true, promptStyle: 'chat' },
  { name: 'far', baseUrl: 'https://models.example/v1', local: false, promptStyle: 'auto' },
];

describe('readModelEndpoints', () => {
  it('reads a variable', () => {
    expect(readModelEndpoints({ FLOW_MODEL_ENDPOINTS: list })).toMatchObject(endpoints);
  });

  it('reads a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'endpoints-'));
    const file = join(folder, 'list.json');
    writeFileSync(file, list);
    expect(readModelEndpoints({ FLOW_MODEL_ENDPOINTS_FILE: file })).toMatchObject(endpoints);
    rmSync(folder, { recursive: true });
  });

  it('falls back to the variables that OpenAI clients know', () => {
    const env = { OPENAI_BASE_URL: 'http://127.0.0.1:2/v1', OPENAI_API_KEY: 'k', FLOW_MODEL: 'm' };
    expect(readModelEndpoints(env)).toEqual([
      { name: 'default', baseUrl: 'http://127.0.0.1:2/v1', apiKeyEnv: 'OPENAI_API_KEY', defaultModel: 'm' },
    ]);
    expect(readModelEndpoints({})).toEqual([{ name: 'default', baseUrl: 'https://api.openai.com/v1' }]);
  });

  it.each([
    [{ FLOW_MODEL_ENDPOINTS: '{' }, 'must be a JSON array'],
    [{ FLOW_MODEL_ENDPOINTS: '[]' }, 'the list: '],
    [{ FLOW_MODEL_ENDPOINTS: '[{"name":"a"}]' }, 'FLOW_MODEL_ENDPOINTS: 0.baseUrl'],
    [
      { FLOW_MODEL_ENDPOINTS: '[{"name":"a","baseUrl":"http://h/v1","promptStyle":"loud"}]' },
      '0.promptStyle',
    ],
    [{ FLOW_MODEL_ENDPOINTS_FILE: '/nowhere/at/all' }, "can't be read"],
    [{ FLOW_MODEL_ENDPOINTS: list, FLOW_MODEL_ENDPOINTS_FILE: 'x' }, 'must not be set together'],
  ])('refuses %o', (env, message) => {
    const read = (): unknown => readModelEndpoints(env);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });

  it('quotes no key', () => {
    const text = '[{"name":"a b","baseUrl":"ftp://secret@h","apiKey":["secret"],"apikey":"secret"}]';
    for (const broken of [text, text.slice(0, -1)]) {
      let message = '';
      try {
        readModelEndpoints({ FLOW_MODEL_ENDPOINTS: broken });
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain('FLOW_MODEL_ENDPOINTS');
      expect(message).not.toContain('secret');
    }
  });
});
