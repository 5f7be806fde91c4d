import { describe, expect, it } from 'vitest';
import { FlowError } from '@flowreasoner/rpc';
import { defaultWorkers, readServerConfig, variableOf } from './server-config.js';

describe('readServerConfig', () => {
  it('takes flags before variables before defaults', () => {
    const env = { [variableOf('port')]: '81', [variableOf('workers')]: '3' };
    expect(readServerConfig(['--port', '80'], env)).toMatchObject({
      port: 80,
      workers: 3,
      contextSize: 8192,
    });
  });

  it('takes the key from the environment only', () => {
    expect(readServerConfig([], { FLOWREASONER_MODEL_SERVER_API_KEY: 'k' }).apiKey).toBe('k');
    expect(() => readServerConfig(['--api-key=k'], {})).toThrow(FlowError);
  });

  it('lists every wrong value with its flag and variable', () => {
    const wrong = (): unknown => readServerConfig(['--port=70000', '--workers=0'], {});
    expect(wrong).toThrow(/--port \(FLOWREASONER_MODEL_SERVER_PORT\)[^]*--workers/);
    expect(() => readServerConfig(['extra'], {})).toThrow(FlowError);
  });
});

describe('defaultWorkers', () => {
  it('is one a core as long as the memory allows, and at least one', () => {
    expect(defaultWorkers(2, 24e9)).toBe(2);
    expect(defaultWorkers(16, 4e9)).toBe(2);
    expect(defaultWorkers(4, 0)).toBe(1);
  });
});
