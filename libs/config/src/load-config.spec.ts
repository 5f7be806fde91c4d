import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, formatConfig, loadConfig, secret } from './index.js';
import type { ConfigSchema } from './index.js';

const prefix = 'FLOW_SANDBOX';

const schema = z.object({
  address: z.string().default('0.0.0.0:50051').describe('where to listen'),
  maxCpuMs: z.number().int().min(1).max(60_000).default(5000),
  warmPool: z.boolean().default(true),
  backends: z.array(z.enum(['jail', 'docker'])).default(['jail']),
  mode: z.enum(['embedded', 'deployed']),
  labels: z.record(z.string(), z.string()).default({}),
  apiKey: secret().optional(),
  tls: z.object({ certFile: z.string(), keyFile: z.string() }).optional(),
  store: z.object({ url: z.string() }),
});

const enough = { FLOW_SANDBOX_MODE: 'embedded', FLOW_SANDBOX_STORE_URL: 'pg://x' };

function problemsOf(env: Record<string, string>, of: ConfigSchema = schema): Record<string, string> {
  try {
    loadConfig(of, { env, prefix });
  } catch (error) {
    if (error instanceof ConfigError) {
      return Object.fromEntries(error.problems.map(({ variable, message }) => [variable, message]));
    }
    throw error;
  }
  return {};
}

describe('loadConfig', () => {
  it('reads text, numbers, flags, lists, choices, JSON and groups, and fills in defaults', () => {
    const env = {
      ...enough,
      FLOW_SANDBOX_MAX_CPU_MS: '10_000',
      FLOW_SANDBOX_WARM_POOL: 'off',
      FLOW_SANDBOX_BACKENDS: 'jail, docker,',
      FLOW_SANDBOX_LABELS: '{"a":"b"}',
      FLOW_SANDBOX_TLS_CERT_FILE: '/c',
      FLOW_SANDBOX_TLS_KEY_FILE: '/k',
    };
    expect(loadConfig(schema, { env, prefix })).toEqual({
      address: '0.0.0.0:50051',
      maxCpuMs: 10_000,
      warmPool: false,
      backends: ['jail', 'docker'],
      mode: 'embedded',
      labels: { a: 'b' },
      tls: { certFile: '/c', keyFile: '/k' },
      store: { url: 'pg://x' },
    });
  });

  it('lists every problem with its variable, not only the first', () => {
    const env = {
      FLOW_SANDBOX_MAX_CPU_MS: 'many',
      FLOW_SANDBOX_WARM_POOL: 'perhaps',
      FLOW_SANDBOX_BACKENDS: 'jail,podman',
      FLOW_SANDBOX_LABELS: '{',
      FLOW_SANDBOX_TLS_CERT_FILE: '/c',
    };
    expect(problemsOf(env)).toEqual({
      FLOW_SANDBOX_MAX_CPU_MS: 'must be a number, not "many"',
      FLOW_SANDBOX_WARM_POOL: 'must be true or false, not "perhaps"',
      FLOW_SANDBOX_BACKENDS: expect.stringContaining('"docker"'),
      FLOW_SANDBOX_LABELS: 'must be JSON',
      FLOW_SANDBOX_MODE: 'is not set; it must be one of embedded, deployed',
      FLOW_SANDBOX_TLS_KEY_FILE: 'is not set; it must be text',
      FLOW_SANDBOX_STORE_URL: 'is not set; it must be text',
    });
  });

  it('names the range that a number leaves', () => {
    const problems = problemsOf({ ...enough, FLOW_SANDBOX_MAX_CPU_MS: '60001' });
    expect(problems).toEqual({ FLOW_SANDBOX_MAX_CPU_MS: expect.stringContaining('60000') });
  });

  it('takes an empty variable for one that is not set', () => {
    const config = loadConfig(schema, { env: { ...enough, FLOW_SANDBOX_MAX_CPU_MS: '' }, prefix });
    expect(config.maxCpuMs).toBe(5000);
  });

  it('reports an unknown variable and what it most likely means', () => {
    expect(problemsOf({ ...enough, FLOW_SANDBOX_ADRESS: 'x', FLOW_SANDBOX_ZZZZZZZZZZZZZZZ: 'x' })).toEqual({
      FLOW_SANDBOX_ADRESS: 'is unknown; did you mean FLOW_SANDBOX_ADDRESS?',
      FLOW_SANDBOX_ZZZZZZZZZZZZZZZ: 'is unknown',
    });
  });

  it('leaves variables of other services and those that Kubernetes makes of a Service alone', () => {
    const others = {
      FLOW_REWARD_X: '1',
      FLOW_SANDBOX_PORT: 'tcp://10.0.0.1:50051',
      FLOW_SANDBOX_SERVICE_HOST: '10.0.0.1',
      FLOW_SANDBOX_SERVICE_PORT_GRPC: '50051',
      FLOW_SANDBOX_PORT_50051_TCP_ADDR: '10.0.0.1',
    };
    expect(problemsOf({ ...enough, ...others })).toEqual({});
    expect(problemsOf({ ...enough, FLOW_SANDBOX_PORT: '50051' })).toHaveProperty('FLOW_SANDBOX_PORT');
  });
});

describe('secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('come from their variable or from a file, and are never shown', () => {
    const path = join(folder, 'key');
    writeFileSync(path, 'hunter2\n');
    const config = loadConfig(schema, { env: { ...enough, FLOW_SANDBOX_API_KEY_FILE: path }, prefix });
    expect(config.apiKey?.reveal()).toBe('hunter2');
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 }), String(config.apiKey)]) {
      expect(shown).toContain('[secret]');
      expect(shown).not.toContain('hunter2');
    }
    expect(
      loadConfig(schema, { env: { ...enough, FLOW_SANDBOX_API_KEY: 'x' }, prefix }).apiKey?.reveal(),
    ).toBe('x');
  });

  it('are refused where two sources give one, and where the file is missing, empty or huge', () => {
    const empty = join(folder, 'empty');
    const huge = join(folder, 'huge');
    writeFileSync(empty, '\n');
    writeFileSync(huge, 'x'.repeat(65_537));
    const both = { FLOW_SANDBOX_API_KEY: 'hunter2', FLOW_SANDBOX_API_KEY_FILE: empty };
    expect(problemsOf({ ...enough, ...both })).toEqual({
      FLOW_SANDBOX_API_KEY: 'is set, and so is FLOW_SANDBOX_API_KEY_FILE: set one',
    });
    const variable = 'FLOW_SANDBOX_API_KEY_FILE';
    expect(problemsOf({ ...enough, [variable]: empty })[variable]).toContain('empty file');
    expect(problemsOf({ ...enough, [variable]: huge })[variable]).toContain('65536 bytes');
    expect(problemsOf({ ...enough, [variable]: join(folder, 'none') })[variable]).toContain('cannot be read');
  });
});

describe('formatConfig', () => {
  it('tells every variable, its kind and its default', () => {
    const lines = formatConfig(schema, prefix).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'FLOW_SANDBOX_ADDRESS',
      'FLOW_SANDBOX_MAX_CPU_MS',
      'FLOW_SANDBOX_WARM_POOL',
      'FLOW_SANDBOX_BACKENDS',
      'FLOW_SANDBOX_MODE',
      'FLOW_SANDBOX_LABELS',
      'FLOW_SANDBOX_API_KEY',
      'FLOW_SANDBOX_TLS_CERT_FILE',
      'FLOW_SANDBOX_TLS_KEY_FILE',
      'FLOW_SANDBOX_STORE_URL',
    ]);
    expect(lines[0]).toBe('FLOW_SANDBOX_ADDRESS        text (where to listen); default 0.0.0.0:50051');
    expect(lines).toContain(
      'FLOW_SANDBOX_API_KEY        text; optional; or the file in FLOW_SANDBOX_API_KEY_FILE',
    );
  });
});
