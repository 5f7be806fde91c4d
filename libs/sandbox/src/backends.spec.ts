import { describe, expect, it } from 'vitest';
import { Backend } from '@flowreasoner/contracts/sandbox';
import { Backends, fixedPlace } from './backends.js';
import type { SandboxBackend } from './ports.js';

function named(name: string): SandboxBackend {
  const start = (): never => {
    throw new Error('not started here');
  };
  return { name, languages: ['python'], mechanisms: {}, start };
}

function place(name: string, reason = '') {
  return fixedPlace(named(name), Backend.fromPartial({ name, reason, available: reason === '' }));
}

describe('Backends', () => {
  it('gives the one that is asked for, the first where none is', () => {
    const backends = new Backends([place('jail'), place('docker')]);
    expect(backends.choose('').name).toBe('jail');
    expect(backends.choose('docker').name).toBe('docker');
  });

  it('refuses a name that it does not know and says what is there', () => {
    const backends = new Backends([place('jail'), place('docker', 'the daemon is gone')]);
    expect(() => backends.choose('wasm')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        reason: 'BACKEND_UNKNOWN',
        message: 'there is no backend "wasm"; available: jail',
      }),
    );
  });

  it('refuses one that is not available, with its reason', () => {
    const backends = new Backends([place('jail'), place('docker', 'the daemon is gone')]);
    expect(() => backends.choose('docker')).toThrow(
      expect.objectContaining({
        code: 'UNAVAILABLE',
        reason: 'BACKEND_UNAVAILABLE',
        message: "the docker backend can't run programs now: the daemon is gone",
        options: { metadata: { backend: 'docker' }, hint: 'available: jail' },
      }),
    );
  });
});
