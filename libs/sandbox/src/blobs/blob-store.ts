import { createHash } from 'node:crypto';
import { FlowError } from '@flowreasoner/rpc';
import type { MonotonicClock } from '../ports.js';

const MIB = 1024 * 1024;

/** How much is kept, and how long. */
export interface BlobLimits {
  /** Bytes of one blob. */
  readonly blobBytes: number;
  /** Bytes of all blobs of one tenant. */
  readonly tenantBytes: number;
  /** Bytes of all blobs. */
  readonly totalBytes: number;
  /** Time that a blob is kept after its last use, milliseconds. */
  readonly ttlMs: number;
}

/** What unset limits are. */
export const BLOB_LIMITS: BlobLimits = {
  blobBytes: 8 * MIB,
  tenantBytes: 64 * MIB,
  totalBytes: 256 * MIB,
  ttlMs: 60 * 60 * 1000,
};

interface Blob {
  readonly tenant: string;
  readonly data: Uint8Array;
  expiresAt: number;
}

/** The blobs of one tenant. */
export interface TenantBlobs {
  /** The bytes of a hash, kept for another while; undefined where the tenant has put none, or too long ago. */
  get(sha256: string): Uint8Array | undefined;
}

/**
 * Bytes by their SHA-256, in memory. A tenant sees only what it has put itself,
 * even where another has put the same bytes. Nothing is dropped before its time:
 * what does not fit is refused.
 */
export class BlobStore {
  /** In the order of last use, which is the order of expiry too. */
  readonly #blobs = new Map<string, Blob>();

  constructor(
    private readonly clock: MonotonicClock,
    readonly limits: BlobLimits = BLOB_LIMITS,
  ) {}

  /**
   * Keeps bytes; putting them again only prolongs their time.
   *
   * @returns their SHA-256 in lower-case hexadecimal
   * @throws FlowError INVALID_ARGUMENT for a blob that is too large,
   *   RESOURCE_EXHAUSTED where the tenant's or the whole room is taken
   */
  put(tenant: string, data: Uint8Array): string {
    const { blobBytes, tenantBytes, totalBytes } = this.limits;
    if (data.length > blobBytes) {
      const description = `has ${data.length} bytes; the limit is ${blobBytes}`;
      throw new FlowError('INVALID_ARGUMENT', 'BLOB_TOO_LARGE', `data ${description}`, {
        fieldViolations: [{ field: 'data', description }],
        metadata: { limit: String(blobBytes) },
      });
    }
    const sha256 = createHash('sha256').update(data).digest('hex');
    if (this.#touch(tenant, sha256) !== undefined) return sha256;
    this.#require('your', this.#bytes(tenant) + data.length, tenantBytes);
    this.#require('all', this.#bytes() + data.length, totalBytes);
    // A copy: what arrives may be a view of a larger message.
    this.#blobs.set(keyOf(tenant, sha256), { tenant, data: Buffer.from(data), expiresAt: this.#expiry() });
    return sha256;
  }

  /** The blobs that a tenant may use. */
  of(tenant: string): TenantBlobs {
    return { get: (sha256) => this.#touch(tenant, sha256)?.data };
  }

  #touch(tenant: string, sha256: string): Blob | undefined {
    this.#expire();
    const key = keyOf(tenant, sha256);
    const blob = this.#blobs.get(key);
    if (blob === undefined) return undefined;
    this.#blobs.delete(key);
    this.#blobs.set(key, blob);
    blob.expiresAt = this.#expiry();
    return blob;
  }

  #expire(): void {
    const now = this.clock.now();
    for (const [key, { expiresAt }] of this.#blobs) {
      if (expiresAt > now) return;
      this.#blobs.delete(key);
    }
  }

  #expiry(): number {
    return this.clock.now() + this.limits.ttlMs;
  }

  #bytes(tenant?: string): number {
    let sum = 0;
    for (const blob of this.#blobs.values()) {
      if (tenant === undefined || blob.tenant === tenant) sum += blob.data.length;
    }
    return sum;
  }

  #require(whose: string, bytes: number, limit: number): void {
    if (bytes <= limit) return;
    const first = this.#blobs.values().next().value;
    const retryAfterMs = Math.max(1, Math.ceil((first?.expiresAt ?? 0) - this.clock.now()));
    const message = `with this blob ${whose} blobs would have ${bytes} bytes; the limit is ${limit}`;
    throw new FlowError('RESOURCE_EXHAUSTED', 'BLOBS_FULL', message, {
      ...{ retryAfterMs, metadata: { limit: String(limit) } },
      hint: 'Blobs are dropped some time after their last use; small files can be sent inline.',
    });
  }
}

function keyOf(tenant: string, sha256: string): string {
  return `${sha256} ${tenant}`;
}
