import { createHash } from 'node:crypto';

/** Version of what requests of the loop are remembered as. */
const version = 1;

/** Identifies a request of the loop within its round, by everything that its answer depends on. */
export function requestKey(kind: string, content: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify([version, content]));
  return `${kind}|${hash.digest('base64url').slice(0, 22)}`;
}
