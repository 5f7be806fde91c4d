import { FlowError } from '@flowreasoner/rpc';
import type { Clock } from './ports.js';

/** The life of one call: a signal that ends with the caller's or at the deadline. */
export interface CallScope {
  /** Its reason, once aborted, is always a FlowError. */
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** Lets go of the caller's signal and of the timer. */
  close(): void;
}

/** Opens the scope of a call; see {@link CallScope}. */
export function openScope(
  call: { readonly signal?: AbortSignal; readonly deadlineMs?: number },
  clock: Clock,
): CallScope {
  const controller = new AbortController();
  const forward = (): void => controller.abort(cancelledError(call.signal?.reason));
  if (call.signal?.aborted) forward();
  call.signal?.addEventListener('abort', forward, { once: true });

  const deadlineMs = call.deadlineMs ?? Infinity;
  const leftMs = deadlineMs - clock.now();
  const expire = (): void => controller.abort(deadlineError());
  let cancelTimer = (): void => undefined;
  if (leftMs <= 0) expire();
  else if (leftMs !== Infinity) cancelTimer = clock.after(leftMs, expire);

  return {
    signal: controller.signal,
    deadlineMs,
    close: () => {
      call.signal?.removeEventListener('abort', forward);
      cancelTimer();
    },
  };
}

function cancelledError(reason: unknown): FlowError {
  if (reason instanceof FlowError) return reason;
  return new FlowError(
    'CANCELLED',
    'MODEL_CALL_CANCELLED',
    'The model request was cancelled by its caller.',
    {
      cause: reason,
    },
  );
}

function deadlineError(): FlowError {
  return new FlowError(
    'DEADLINE_EXCEEDED',
    'MODEL_CALL_DEADLINE',
    "The model's answer was not there by the deadline of the call.",
    { hint: 'Allow more time, ask for a shorter answer, or use a faster model.' },
  );
}
