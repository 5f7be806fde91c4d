/** A key as it is kept. */
export interface KeyRecord {
  readonly id: string;
  readonly tenant: string;
  readonly displayName: string;
  /** SHA-256 of the key. */
  readonly digest: Uint8Array;
  readonly createTime: Date;
  readonly expireTime: Date | undefined;
  readonly revokeTime: Date | undefined;
}

/**
 * Where API keys are kept.
 *
 * Methods throw FlowError UNAVAILABLE STORE_FAILED when the store fails.
 */
export interface KeyStore {
  /**
   * Keeps a new key.
   *
   * @param requestId idempotency key; empty means none
   * @returns undefined when it is kept; when the tenant used the request id
   *   before, nothing is, and the id of that key is returned
   */
  create(key: KeyRecord, requestId: string): Promise<string | undefined>;
  /** The key with this id, whoever's it is. */
  find(id: string): Promise<KeyRecord | undefined>;
  /** A tenant's keys, newest first; with `before` only those with a smaller id. */
  list(tenant: string, limit: number, before?: string): Promise<KeyRecord[]>;
  /** Revokes a tenant's key, unless it is revoked already; undefined when the tenant has none of this id. */
  revoke(tenant: string, id: string, at: Date): Promise<KeyRecord | undefined>;
}
