import type { PutBlobRequest, PutBlobResponse } from '@flowreasoner/contracts/sandbox';
import type { CallContext } from '@flowreasoner/rpc';
import type { SandboxHandlerOptions } from './sandbox-service.js';

/** PutBlob: keeps bytes for the caller's tenant. */
export function putBlob(
  { data }: PutBlobRequest,
  { tenant }: CallContext,
  { blobs }: SandboxHandlerOptions,
): Promise<PutBlobResponse> {
  const timeToLive = { seconds: BigInt(Math.floor(blobs.limits.ttlMs / 1000)), nanos: 0 };
  return Promise.resolve({ sha256: blobs.put(tenant, data), timeToLive });
}
