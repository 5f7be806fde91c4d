import type { Integrity, Suite } from '@flowreasoner/contracts/sandbox';

/** A task as it is stored: its hidden suite and what was fixed at registration. */
export interface RewardTask {
  /** Unguessable handle, such as `tasks/3f2a…`. */
  readonly handle: string;
  /** Who put it; others can't see it. */
  readonly tenant: string;
  /** Idempotency key of the request that made it; empty for none. */
  readonly requestId: string;
  /** SHA-256 of the request's body without its key, in hexadecimal. */
  readonly bodyDigest: string;
  /** The hidden suite, marked hidden and with its integrity fixed. */
  readonly suite: Suite;
  /** SHA-256 of `suite`, in hexadecimal: equal suites share verdicts. */
  readonly suiteDigest: string;
  readonly integrity: Integrity;
  /** For each case of the suite, in order, whether it equals a visible check. */
  readonly visibleCases: readonly boolean[];
  /** Size of the stored suite, in bytes. */
  readonly bytes: number;
}
