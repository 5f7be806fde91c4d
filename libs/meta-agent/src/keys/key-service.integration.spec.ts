import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KeyServiceClient,
  type CreateKeyRequest,
  type CreateKeyResponse,
} from '@flowreasoner/contracts/metaagent';
import { createClient, startServer, unary, type RunningServer } from '@flowreasoner/rpc';
import { createFakeClock, type FakeClock } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPgliteJournal } from '../adapters/journal/pglite-journal.js';
import { openPostgresJournal } from '../adapters/journal/postgres-journal.js';
import type { Journal } from '../ports.js';
import { startTemporaryPostgres, type TemporaryPostgres } from '@flowreasoner/testing';
import { createKeyService } from './key-service.js';

const startedAt = Date.UTC(2026, 0, 1);

describe.each(['PGlite', 'Postgres'])('the service of API keys on %s', (database) => {
  let folder: string;
  let postgres: TemporaryPostgres | undefined;
  let journal: Journal;
  let server: RunningServer;
  let clock: FakeClock;
  /** A service of ours, and a tenant that calls by itself. */
  let trusted: KeyServiceClient;
  let plain: KeyServiceClient;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flow-keys-'));
    if (database === 'Postgres') postgres = await startTemporaryPostgres();
    journal =
      postgres === undefined
        ? await openPgliteJournal({ folder })
        : await openPostgresJournal({ url: postgres.url });
    clock = createFakeClock(startedAt);
    const [serviceToken, tenantToken] = ['s'.repeat(16), 't'.repeat(16)];
    server = await startServer({
      address: `unix:${join(folder, 'keys.sock')}`,
      services: [createKeyService({ keys: journal.keys, clock })],
      auth: {
        tokens: [
          { token: serviceToken, tenant: 'default', trusted: true },
          { token: tenantToken, tenant: 'acme' },
        ],
      },
      reflection: false,
    });
    trusted = createClient(KeyServiceClient, { address: server.address, token: serviceToken });
    plain = createClient(KeyServiceClient, { address: server.address, token: tenantToken });
  });

  afterAll(async () => {
    trusted.close();
    plain.close();
    await server.drain(0);
    await journal.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true });
  });

  const create = (change: Partial<CreateKeyRequest> = {}): Promise<CreateKeyResponse> =>
    unary(plain, 'createKey', { requestId: '', displayName: 'ci', expireTime: undefined, ...change });
  const verify = (secret: string) => unary(trusted, 'verifyKey', { secret });
  const list = (tenant: string, pageSize = 0, pageToken = '') =>
    unary(trusted, 'listKeys', { pageSize, pageToken }, { tenant });

  it('makes a key that gives its tenant, and keeps only a digest of it', async () => {
    const { key, secret } = await create();
    expect(key).toMatchObject({ tenant: 'acme', displayName: 'ci', createTime: new Date(startedAt) });
    expect((await verify(secret)).key).toEqual(key);
    const { keys } = await list('acme');
    expect(keys).toContainEqual(key);
    const id = key?.name.slice('keys/'.length) ?? '';
    const kept = JSON.stringify(await journal.keys.find(id), (_name, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(kept).toContain('acme');
    expect(kept).not.toContain(secret.slice(-43));
  });

  it('refuses a key that is unknown, though its id is right', async () => {
    const { secret } = await create();
    const forged = secret.slice(0, -43) + 'x'.repeat(43);
    for (const wrong of [forged, 'sk-123', `flow_${'0'.repeat(20)}_${'x'.repeat(43)}`]) {
      await expect(verify(wrong)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason: 'KEY_UNKNOWN' });
    }
  });

  it('refuses a key from the moment at which it expires', async () => {
    const { secret } = await create({ expireTime: new Date(clock.now() + 1_000) });
    await clock.advance(999);
    expect((await verify(secret)).key?.tenant).toBe('acme');
    await clock.advance(1);
    await expect(verify(secret)).rejects.toMatchObject({ reason: 'KEY_EXPIRED' });
    await expect(create({ expireTime: new Date(clock.now()) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it("refuses a key that was revoked; another tenant can't revoke it", async () => {
    const { key, secret } = await create();
    const name = key?.name ?? '';
    await expect(unary(trusted, 'revokeKey', { name }, { tenant: 'other' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const first = await unary(plain, 'revokeKey', { name });
    await clock.advance(5_000);
    const again = await unary(plain, 'revokeKey', { name });
    expect(again.key?.revokeTime).toEqual(first.key?.revokeTime);
    await expect(verify(secret)).rejects.toMatchObject({ reason: 'KEY_REVOKED' });
    await expect(unary(plain, 'revokeKey', { name: 'keys/../x' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('makes one key for one request id, and shows it once', async () => {
    const { key } = await create({ requestId: 'r1' });
    await expect(create({ requestId: 'r1' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'KEY_CREATED',
      message: expect.stringContaining(key?.name ?? '?') as string,
    });
    const other = await unary(
      trusted,
      'createKey',
      { requestId: 'r1', displayName: '', expireTime: undefined },
      { tenant: 'other' },
    );
    expect(other.key?.tenant).toBe('other');
  });

  it('lists page by page, newest first, and only what is the tenant’s own', async () => {
    const made: (string | undefined)[] = [];
    for (let index = 0; index < 5; index++) {
      await clock.advance(1);
      const { key } = await unary(
        trusted,
        'createKey',
        { requestId: '', displayName: `k${index}`, expireTime: undefined },
        { tenant: 'pages' },
      );
      made.unshift(key?.name);
    }
    const seen: string[] = [];
    let token = '';
    do {
      const page = await list('pages', 2, token);
      seen.push(...page.keys.map(({ name }) => name));
      token = page.nextPageToken;
    } while (token !== '');
    expect(seen).toEqual(made);
  });

  it('lets only services of ours verify, and names what is too long', async () => {
    await expect(unary(plain, 'verifyKey', { secret: 'x' })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await expect(verify('x'.repeat(201))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('secret') as string,
    });
    await expect(create({ displayName: 'é'.repeat(51) })).rejects.toMatchObject({
      message: expect.stringContaining('display_name') as string,
    });
  });
});
