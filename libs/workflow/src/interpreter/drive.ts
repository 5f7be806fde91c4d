import type { Stop } from './errors.js';
import type { Evaluation } from './evaluation.js';

/** Stops all threads of a run from outside, at once where they are waiting. */
export class Brake {
  stop: Stop | undefined;
  private readonly wakers = new Set<() => void>();

  pull(stop: Stop): void {
    this.stop ??= stop;
    for (const wake of this.wakers) wake();
  }

  /** Waits for a promise or the brake. */
  async wait(promise: Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.wakers.delete(wake);
        resolve();
      };
      this.wakers.add(wake);
      void promise.then(wake);
    });
  }
}

/**
 * Runs an evaluation to its end.
 *
 * @param signal ends it when its result is no longer wanted: then it never ends
 * @throws Stop when the brake is pulled, and what the evaluation throws
 */
export async function drive<T>(evaluation: Evaluation<T>, brake: Brake, signal?: AbortSignal): Promise<T> {
  for (;;) {
    if (brake.stop !== undefined) throw brake.stop;
    if (signal?.aborted === true) return await new Promise<never>(() => undefined);
    const next = evaluation.next();
    if (next.done === true) return next.value;
    if (next.value === null) await new Promise(setImmediate);
    else await brake.wait(next.value);
  }
}
