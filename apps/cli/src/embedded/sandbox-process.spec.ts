import { describe, expect, it } from 'vitest';
import { sandboxSettings } from './sandbox-process.js';

describe('what a sandbox takes from the environment', () => {
  const backends = {
    FLOW_SANDBOX_DEFAULT_BACKEND: 'docker',
    FLOW_SANDBOX_DOCKER_IMAGE: 'own',
    FLOW_SANDBOX_DOCKER_SOCKET_PATH: '/run/other.sock',
    FLOW_SANDBOX_DOCKER_RUNTIME: 'runc',
  };

  it('is which backends it has, and no secret', () => {
    const secrets = { OPENAI_API_KEY: 'sk-1', FLOW_SANDBOX_AUTH_TOKENS_FILE: '/tokens', PATH: '/bin' };
    expect(sandboxSettings({ ...backends, ...secrets }, true)).toEqual(backends);
  });

  it('names an image of its own where the docker backend is asked for', () => {
    expect(sandboxSettings({}, true)).toEqual({ FLOW_SANDBOX_DOCKER_IMAGE: 'flowreasoner-sandbox' });
    expect(sandboxSettings({}, false)).toEqual({});
  });
});
