import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '@flowreasoner/config';
import { clientOptions, clientSettings, serverOptions, serverSettings } from './settings.js';
import { temporaryFolder } from './spec-support.js';

const prefix = 'FLOW_REWARD';
const schema = z.object({ ...serverSettings('0.0.0.0:50053'), sandbox: clientSettings('127.0.0.1:50051') });
const load = (env: Record<string, string> = {}) => loadConfig(schema, { env, prefix });

describe('settings of servers and clients', () => {
  it('have defaults that need no file and no variable', () => {
    const config = load();
    expect(serverOptions(config)).toEqual({
      address: '0.0.0.0:50053',
      defaultDeadlineMs: 60_000,
      maxMessageBytes: 4_194_304,
      maxConcurrentCalls: 1000,
      auth: { tokens: [], subjects: [] },
    });
    expect(clientOptions(config.sandbox)).toEqual({ address: ['127.0.0.1:50051'], plaintextToken: false });
  });

  it('become options', () => {
    const tokens = join(temporaryFolder(), 'tokens');
    writeFileSync(tokens, 'abcdefghijklmnop acme\n');
    const config = load({
      FLOW_REWARD_TLS_CERT_FILE: '/c',
      FLOW_REWARD_TLS_KEY_FILE: '/k',
      FLOW_REWARD_TLS_CLIENT_CA_FILE: '/ca',
      FLOW_REWARD_TOKENS_FILE: tokens,
      FLOW_REWARD_SUBJECT_TENANTS: '{"spiffe://a":"acme"}',
      FLOW_REWARD_SERVICE_SUBJECTS: 'spiffe://b',
      FLOW_REWARD_SANDBOX_ADDRESS: 'unix:/a,b:1',
      FLOW_REWARD_SANDBOX_TOKEN: 'abcdefghijklmnop',
      FLOW_REWARD_SANDBOX_TLS_CA_FILE: '/ca',
      FLOW_REWARD_SANDBOX_TLS_SERVER_NAME: 'sandbox',
    });
    expect(serverOptions(config)).toMatchObject({
      tls: { certFile: '/c', keyFile: '/k', clientCaFile: '/ca' },
      auth: {
        tokens: [{ token: 'abcdefghijklmnop', tenant: 'acme', trusted: false }],
        subjects: [
          { subject: 'spiffe://a', tenant: 'acme' },
          { subject: 'spiffe://b', tenant: 'default', trusted: true },
        ],
      },
    });
    expect(clientOptions(config.sandbox)).toEqual({
      address: ['unix:/a', 'b:1'],
      plaintextToken: false,
      token: 'abcdefghijklmnop',
      tls: { caFile: '/ca', serverName: 'sandbox' },
    });
  });

  it('are refused where they make no sense', () => {
    expect(() => load({ FLOW_REWARD_ADDRESS: 'nowhere' })).toThrow(
      'FLOW_REWARD_ADDRESS: must be unix:PATH or HOST:PORT',
    );
    expect(() => load({ FLOW_REWARD_SANDBOX_ADDRESS: 'nowhere' })).toThrow('FLOW_REWARD_SANDBOX_ADDRESS');
    expect(() => load({ FLOW_REWARD_MAX_MESSAGE_BYTES: '5' })).toThrow('FLOW_REWARD_MAX_MESSAGE_BYTES');
    expect(() => serverOptions(load({ FLOW_REWARD_TLS_CERT_FILE: '/c' }))).toThrow(
      'certificate file and a key file',
    );
    expect(() => serverOptions(load({ FLOW_REWARD_TOKENS_FILE: '/none' }))).toThrow('cannot read /none');
  });
});
