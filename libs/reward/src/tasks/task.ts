import type { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import type { Integrity, Suite } from '@flowreasoner/contracts/sandbox';

/** How the answers of a task are judged. */
export type HiddenTests =
  /** Programs, by a suite that is marked hidden and has its integrity fixed. */
  | { readonly kind: 'suite'; readonly suite: Suite }
  /** Texts; one case. */
  | { readonly kind: 'answer'; readonly checks: AnswerChecks };

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
  /** How answers are judged. */
  readonly tests: HiddenTests;
  /** SHA-256 of `tests`, in hexadecimal: equal tests share verdicts. */
  readonly testsDigest: string;
  readonly integrity: Integrity;
  /** For each case of the suite, in order, whether it equals a visible check. */
  readonly visibleCases: readonly boolean[];
  /** Size of the stored tests, in bytes. */
  readonly bytes: number;
}
