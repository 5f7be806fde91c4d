import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import type { EventQueue } from './event-queue.js';

/** The event that a request begins with. */
export type RequestStart = Extract<
  NonNullable<WorkflowEvent['event']>,
  { $case: 'modelRequestStarted' | 'sandboxRequestStarted' }
>;

interface Waiting {
  /** The last start that has to be kept. */
  readonly last: number;
  readonly go: () => void;
}

/**
 * The starts of a run's requests. A caller with a journal keeps each before its
 * request is sent, so that whoever goes on with the run after a crash knows of
 * every request that may have cost something.
 */
export class RequestStarts {
  private told = 0;
  private kept: number;
  private readonly waiting = new Set<Waiting>();
  private onStuck: (() => void) | undefined;

  /** @param isJournaled whether requests wait until their start is kept */
  constructor(isJournaled = false) {
    this.kept = isJournaled ? 0 : Infinity;
  }

  /**
   * Tells the starts of requests. Resolves once these may be sent, and when the
   * signal aborts: what is sent with an aborted signal goes nowhere.
   */
  async tell(events: EventQueue, starts: readonly RequestStart[], signal: AbortSignal): Promise<void> {
    for (const start of starts) events.push(start);
    this.told += starts.length;
    const last = this.told;
    if (last <= this.kept || signal.aborted) return;
    this.onStuck?.();
    await new Promise<void>((resolve) => {
      const waiting: Waiting = {
        last,
        go: () => {
          signal.removeEventListener('abort', waiting.go);
          this.waiting.delete(waiting);
          resolve();
        },
      };
      this.waiting.add(waiting);
      signal.addEventListener('abort', waiting.go, { once: true });
    });
  }

  /** Takes note that no more starts will be kept; `onStuck` is called when a request waits for that, now or later. */
  end(onStuck: () => void): void {
    this.onStuck = onStuck;
    if (this.waiting.size > 0) onStuck();
  }

  /**
   * Takes note that the first `count` starts are kept.
   *
   * @throws FlowError INVALID_ARGUMENT when so many were not told
   */
  keep(count: number): void {
    if (count > this.told) {
      const description = `must be at most the ${this.told} that were streamed, not ${count}`;
      throw new FlowError('INVALID_ARGUMENT', 'INVALID_REQUEST', `kept_starts ${description}.`, {
        fieldViolations: [{ field: 'kept_starts', description }],
      });
    }
    this.kept = Math.max(this.kept, count);
    for (const each of this.waiting) if (each.last <= this.kept) each.go();
  }
}
