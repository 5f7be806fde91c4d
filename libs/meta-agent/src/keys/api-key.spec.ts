import { describe, expect, it } from 'vitest';
import { apiKeyId, createApiKey, matchesDigest } from './api-key.js';

describe('API keys', () => {
  it('carry their id in the open, and sort by time', () => {
    const [early, late] = [createApiKey(1_700_000_000_000), createApiKey(1_700_000_000_001)];
    expect(apiKeyId(early.secret)).toBe(early.id);
    expect(early.id < late.id).toBe(true);
  });

  it('match the digest that was made of them, and no other', () => {
    const { secret, digest, id } = createApiKey(0);
    expect(matchesDigest(secret, digest)).toBe(true);
    const last = secret.endsWith('A') ? 'B' : 'A';
    expect(matchesDigest(secret.slice(0, -1) + last, digest)).toBe(false);
    expect(matchesDigest(secret, digest.slice(1))).toBe(false);
    expect(Buffer.from(digest).toString('latin1')).not.toContain(secret.slice(`flow_${id}_`.length));
  });

  it('are never equal', () => {
    expect(new Set(Array.from({ length: 100 }, () => createApiKey(0).secret)).size).toBe(100);
  });

  it.each([
    '',
    'sk-123',
    'flow_',
    `flow_${'0'.repeat(20)}_short`,
    `flow_${'0'.repeat(20)}_${'x'.repeat(44)}`,
  ])('do not look like %j', (text) => {
    expect(apiKeyId(text)).toBeUndefined();
  });
});
