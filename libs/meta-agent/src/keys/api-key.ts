import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new key: `flow_<id>_<43 characters>`; the id is no secret, the rest holds 256 random bits. */
export interface NewApiKey {
  /** 20 hexadecimal digits; later keys sort after earlier ones. */
  readonly id: string;
  /** What its bearer shows. */
  readonly secret: string;
  /** What is kept of it. */
  readonly digest: Uint8Array;
}

const form = /^flow_([0-9a-f]{20})_[A-Za-z0-9_-]{43}$/;

/** Makes a key at a time in milliseconds since 1970. */
export function createApiKey(now: number): NewApiKey {
  const id = now.toString(16).padStart(12, '0') + randomBytes(4).toString('hex');
  const secret = `flow_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, secret, digest: digestOf(secret) };
}

/** The id in a key; undefined when it does not have the form of one. */
export function apiKeyId(secret: string): string | undefined {
  return form.exec(secret)?.[1];
}

/**
 * Whether a key is the one that a digest was made of. The time that it takes
 * does not depend on how much of it is right.
 */
export function matchesDigest(secret: string, digest: Uint8Array): boolean {
  const given = digestOf(secret);
  return digest.byteLength === given.byteLength && timingSafeEqual(given, digest);
}

/** A plain hash is enough: nobody can try 2^256 keys, as they could passwords. */
function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
