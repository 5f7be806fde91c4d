import {
  KeyServiceService,
  type CreateKeyRequest,
  type CreateKeyResponse,
  type Key,
  type ListKeysRequest,
  type ListKeysResponse,
  type RevokeKeyRequest,
  type RevokeKeyResponse,
  type VerifyKeyRequest,
  type VerifyKeyResponse,
} from '@flowreasoner/contracts/metaagent';
import {
  encodePageToken,
  FlowError,
  readPage,
  service,
  unaryHandler,
  type CallContext,
  type Service,
} from '@flowreasoner/rpc';
import { Violations } from '../handlers/validate-request.js';
import type { Clock } from '../ports.js';
import { apiKeyId, createApiKey, matchesDigest } from './api-key.js';
import type { KeyRecord, KeyStore } from './key-store.js';

/** What the service of API keys is made of. */
export interface KeyServiceOptions {
  readonly keys: KeyStore;
  readonly clock: Clock;
}

/** Limits of requests in bytes of UTF-8. */
const limits = { requestId: 64, displayName: 100, secret: 200 } as const;
const pageLimits = { defaultSize: 50, maxSize: 200 } as const;
const pageScope = 'keys';
const prefix = 'keys/';

/** Creates the service of API keys. */
export function createKeyService(options: KeyServiceOptions): Service {
  return service(KeyServiceService, {
    createKey: unaryHandler((request, call) => createKey(options, request, call)),
    listKeys: unaryHandler((request, call) => listKeys(options, request, call)),
    revokeKey: unaryHandler((request, call) => revokeKey(options, request, call)),
    verifyKey: unaryHandler((request, call) => verifyKey(options, request, call)),
  });
}

async function createKey(
  { keys, clock }: KeyServiceOptions,
  request: CreateKeyRequest,
  call: CallContext,
): Promise<CreateKeyResponse> {
  const { requestId, displayName, expireTime } = request;
  const now = clock.now();
  const violations = new Violations();
  violations.key(requestId, 'request_id', limits.requestId);
  violations.key(displayName, 'display_name', limits.displayName);
  violations.check(
    expireTime === undefined || expireTime.getTime() > now,
    'expire_time',
    'must be in the future',
  );
  violations.throwIfAny();
  const { id, secret, digest } = createApiKey(now);
  const record: KeyRecord = {
    id,
    tenant: call.tenant,
    displayName,
    digest,
    createTime: new Date(now),
    expireTime,
    revokeTime: undefined,
  };
  const earlier = await keys.create(record, requestId);
  if (earlier !== undefined) {
    throw new FlowError(
      'ALREADY_EXISTS',
      'KEY_CREATED',
      `The request id ${JSON.stringify(requestId)} has made ${prefix}${earlier}, which can't be shown again.`,
      { hint: 'Revoke that key and make another one with a new request id.', metadata: { key: earlier } },
    );
  }
  return { key: toKey(record), secret };
}

async function listKeys(
  { keys }: KeyServiceOptions,
  request: ListKeysRequest,
  call: CallContext,
): Promise<ListKeysResponse> {
  const page = readPage(request, pageScope, pageLimits);
  const found = await keys.list(call.tenant, page.size + 1, page.after);
  const shown = found.slice(0, page.size);
  const last = shown.at(-1);
  const more = found.length > page.size && last !== undefined;
  return { keys: shown.map(toKey), nextPageToken: more ? encodePageToken(last.id, pageScope) : '' };
}

async function revokeKey(
  { keys, clock }: KeyServiceOptions,
  request: RevokeKeyRequest,
  call: CallContext,
): Promise<RevokeKeyResponse> {
  const violations = new Violations();
  violations.check(/^keys\/[0-9a-f]{20}$/.test(request.name), 'name', 'must be a name such as keys/0a1b…');
  violations.throwIfAny();
  const revoked = await keys.revoke(call.tenant, request.name.slice(prefix.length), new Date(clock.now()));
  if (revoked === undefined) {
    throw new FlowError('NOT_FOUND', 'KEY_NOT_FOUND', `There is no key ${request.name}.`, {
      hint: 'List the keys to see which there are.',
    });
  }
  return { key: toKey(revoked) };
}

async function verifyKey(
  { keys, clock }: KeyServiceOptions,
  { secret }: VerifyKeyRequest,
  call: CallContext,
): Promise<VerifyKeyResponse> {
  if (!call.identity.trusted) {
    throw new FlowError('PERMISSION_DENIED', 'SERVICE_ONLY', `${call.identity.name} may not verify keys.`);
  }
  const violations = new Violations();
  violations.check(secret !== '', 'secret', 'must be given');
  violations.text(secret, 'secret', limits.secret);
  violations.throwIfAny();
  const id = apiKeyId(secret);
  const record = id === undefined ? undefined : await keys.find(id);
  if (record === undefined || !matchesDigest(secret, record.digest)) {
    throw new FlowError('UNAUTHENTICATED', 'KEY_UNKNOWN', 'The API key is not known.');
  }
  if (record.revokeTime !== undefined) {
    throw new FlowError('UNAUTHENTICATED', 'KEY_REVOKED', 'The API key was revoked.');
  }
  if (record.expireTime !== undefined && record.expireTime.getTime() <= clock.now()) {
    throw new FlowError('UNAUTHENTICATED', 'KEY_EXPIRED', 'The API key has expired.');
  }
  return { key: toKey(record) };
}

function toKey({ id, digest: _secret, ...rest }: KeyRecord): Key {
  return { name: `${prefix}${id}`, ...rest };
}
