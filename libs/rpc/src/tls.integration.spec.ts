import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { GetCapabilitiesRequest, GetCapabilitiesResponse } from '@flowreasoner/contracts/sandbox';
import type { CallContext } from './call-context.js';
import { unaryHandler } from './handlers.js';
import { unary } from './invoke.js';
import { failureOf, sandboxClient, start, temporaryFolder } from './spec-support.js';
import type { RunningServer, ServerOptions } from './server.js';

const capabilities = GetCapabilitiesRequest.fromPartial({});
const secretToken = 'a-token-of-enough-length';

let folder: string;
let ca: string;
beforeEach(() => {
  folder = temporaryFolder();
  ca = authority('ca');
});

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes a certificate authority. */
function authority(name: string): string {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  openssl('req', '-x509', ...ec, '-keyout', key, '-out', cert, '-days', '1', '-subj', `/CN=${name}`);
  return cert;
}

/** Makes a certificate with alternative names, signed by the authority. */
function certificate(name: string, alternatives: string): { certFile: string; keyFile: string } {
  const path = (ending: string): string => join(folder, `${name}.${ending}`);
  openssl('req', ...ec, '-keyout', path('key'), '-out', path('csr'), '-subj', `/CN=${name}`);
  writeFileSync(path('ext'), `subjectAltName=${alternatives}\n`);
  const authorityKey = ca.replace('.crt', '.key');
  openssl('x509', '-req', '-in', path('csr'), '-CA', ca, '-CAkey', authorityKey, '-CAcreateserial', '-days', '1',
    '-extfile', path('ext'), '-out', path('crt')); // prettier-ignore
  return { certFile: path('crt'), keyFile: path('key') };
}

/** A server that remembers who called it. */
async function remembering(
  options: Partial<ServerOptions>,
): Promise<RunningServer & { callers: CallContext[] }> {
  const callers: CallContext[] = [];
  const server = await start(
    {
      sandbox: {
        getCapabilities: unaryHandler(async (_, context) => {
          callers.push(context);
          return GetCapabilitiesResponse.fromPartial({});
        }),
      },
    },
    { address: '127.0.0.1:0', ...options },
  );
  return { ...server, callers };
}

describe('TLS', () => {
  it('encrypts, and checks the name and the authority of the server', async () => {
    const server = await remembering({ tls: certificate('server', 'IP:127.0.0.1') });
    const { address } = server;
    await unary(sandboxClient({ address, tls: { caFile: ca } }), 'getCapabilities', capabilities);
    expect(server.callers).toHaveLength(1);

    const strangers = [
      { address },
      { address, tls: { caFile: authority('other') } },
      { address, tls: { caFile: ca, serverName: 'reward.example' } },
    ];
    for (const options of strangers) {
      const client = sandboxClient({ ...options, maxAttempts: 1 });
      const error = await failureOf(unary(client, 'getCapabilities', capabilities, { deadlineMs: 3000 }));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'SERVICE_UNREACHABLE' });
    }
    expect(server.callers).toHaveLength(1);
  });

  it('takes another server name than that of the address', async () => {
    const { address } = await remembering({ tls: certificate('server', 'DNS:sandbox.example') });
    const client = sandboxClient({ address, tls: { caFile: ca, serverName: 'sandbox.example' } });
    await unary(client, 'getCapabilities', capabilities);
  });

  it('says which file cannot be read', async () => {
    const tls = { certFile: join(folder, 'none.crt'), keyFile: join(folder, 'none.key') };
    expect(await failureOf(start({}, { tls }))).toMatchObject({ reason: 'TLS_INVALID' });
    expect(() => sandboxClient({ address: 'x:1', tls: { certFile: ca } })).toThrow('certFile and keyFile');
  });
});

describe('mTLS', () => {
  it('knows callers by a name in their certificate, and their tenant by that', async () => {
    const server = await remembering({
      tls: { ...certificate('server', 'IP:127.0.0.1'), clientCaFile: ca },
      auth: { subjects: [{ subject: 'spiffe://cluster/ns/flow/sa/alice', tenant: 'acme' }] },
    });
    const { address } = server;
    const known = certificate('alice', 'URI:spiffe://cluster/ns/flow/sa/alice');
    await unary(sandboxClient({ address, tls: { caFile: ca, ...known } }), 'getCapabilities', capabilities);
    expect(server.callers[0]?.identity).toEqual({
      name: 'spiffe://cluster/ns/flow/sa/alice',
      tenant: 'acme',
      trusted: false,
    });

    const unknown = certificate('mallory', 'URI:spiffe://cluster/ns/flow/sa/mallory');
    const client = sandboxClient({ address, tls: { caFile: ca, ...unknown } });
    expect(await failureOf(unary(client, 'getCapabilities', capabilities))).toMatchObject({
      code: 'UNAUTHENTICATED',
    });

    const bare = sandboxClient({ address, tls: { caFile: ca }, maxAttempts: 1 });
    const refused = await failureOf(unary(bare, 'getCapabilities', capabilities, { deadlineMs: 3000 }));
    expect(refused).toMatchObject({ code: 'UNAVAILABLE' });
    expect(server.callers).toHaveLength(1);
  });
});

describe('bearer tokens', () => {
  const auth = {
    tokens: [
      { token: secretToken, tenant: 'acme' },
      { token: 'the-token-of-our-own-service', tenant: 'default', name: 'meta-agent', trusted: true },
    ],
  };

  it('give the tenant; missing and unknown ones are refused without repeating them', async () => {
    const server = await remembering({ auth });
    const { address } = server;
    await unary(sandboxClient({ address, token: secretToken }), 'getCapabilities', capabilities);
    expect(server.callers[0]).toMatchObject({ tenant: 'acme', identity: { trusted: false } });

    const missing = await failureOf(unary(sandboxClient({ address }), 'getCapabilities', capabilities));
    expect(missing).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'CREDENTIALS_MISSING' });
    const wrong = sandboxClient({ address, token: `${secretToken}x` });
    const error = await failureOf(unary(wrong, 'getCapabilities', capabilities));
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_UNKNOWN' });
    expect(String(error)).not.toContain(secretToken);
    expect(server.callers).toHaveLength(1);
  });

  it('of a service let it speak for other tenants, those of users do not', async () => {
    const server = await remembering({ auth });
    const { address } = server;
    const trusted = sandboxClient({ address, token: 'the-token-of-our-own-service' });
    await unary(trusted, 'getCapabilities', capabilities, { tenant: 'globex' });
    expect(server.callers[0]).toMatchObject({ tenant: 'globex', identity: { name: 'meta-agent' } });

    const user = sandboxClient({ address, token: secretToken });
    const error = await failureOf(unary(user, 'getCapabilities', capabilities, { tenant: 'globex' }));
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'TENANT_FORBIDDEN' });
    const odd = await failureOf(unary(trusted, 'getCapabilities', capabilities, { tenant: '../etc' }));
    expect(odd).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'TENANT_INVALID' });
  });

  it('go on to the next service as the tenant, not as the token', async () => {
    const last = await remembering({ auth });
    const own = sandboxClient({ address: last.address, token: 'the-token-of-our-own-service' });
    const middle = await start(
      {
        sandbox: {
          getCapabilities: unaryHandler((request, parent) =>
            unary(own, 'getCapabilities', request, { parent }),
          ),
        },
      },
      { auth },
    );
    await unary(
      sandboxClient({ address: middle.address, token: secretToken }),
      'getCapabilities',
      capabilities,
    );
    expect(last.callers[0]).toMatchObject({
      tenant: 'acme',
      identity: { name: 'meta-agent', trusted: true },
    });
  });

  it('do not travel unencrypted to other machines unless that is allowed', () => {
    const remote = { address: ['127.0.0.1:1', '10.0.0.1:50051'], token: secretToken };
    expect(() => sandboxClient(remote)).toThrow('unencrypted to 10.0.0.1:50051');
    sandboxClient({ ...remote, plaintextToken: true });
    sandboxClient({ ...remote, tls: { caFile: ca } });
  });
});
