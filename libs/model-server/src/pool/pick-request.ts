/** What has to be known of a waiting request to choose one. */
export interface WaitingRequest {
  /** Equal for equal prompts. */
  readonly promptKey: string;
  /** Samples of it that are running now. */
  readonly running: number;
  /** How often a later request was chosen before it. */
  readonly passedOver: number;
}

/** How often a request may be passed over by ones that suit a worker better. */
export const MOST_PASSED_OVER = 16;

/**
 * The request that a free worker takes its next sample from: one whose prompt the worker
 * holds already, else the oldest that nobody works on (so that each prompt is read by as
 * few workers as possible), else the oldest. The oldest is not passed over for ever.
 *
 * @param waiting requests with samples left to start, oldest first
 * @param heldPrompt the prompt that the worker read last
 */
export function pickRequest<T extends WaitingRequest>(
  waiting: readonly T[],
  heldPrompt: string | undefined,
): T | undefined {
  const oldest = waiting[0];
  if (oldest === undefined || oldest.passedOver >= MOST_PASSED_OVER) return oldest;
  return (
    waiting.find((request) => request.promptKey === heldPrompt) ??
    waiting.find((request) => request.running === 0) ??
    oldest
  );
}
