import type { RunEvent } from '@flowreasoner/contracts/metaagent';

/** Text that is streamed and not journalled. */
export interface PassingEvent {
  readonly event: RunEvent;
  /** Sequence number of the last event that was emitted before it. */
  readonly afterSequence: bigint;
}

/** Who wants to hear of a run. */
export interface RunListener {
  /** Events that are in the journal now, in order. */
  onCommitted(events: readonly RunEvent[]): void;
  /** An event that will never be in the journal. */
  onPassing(passing: PassingEvent): void;
  /** The owner can't write any more: no further event will come from it. */
  onFailure(error: unknown): void;
}

/** Tells the watchers in this process what its own runs do. */
export class EventHub {
  readonly #listeners = new Map<string, Set<RunListener>>();

  /** @returns a function that ends the subscription */
  subscribe(runId: string, listener: RunListener): () => void {
    const listeners = this.#listeners.get(runId) ?? new Set();
    this.#listeners.set(runId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(runId);
    };
  }

  /** Tells of events that are in the journal now. */
  committed(runId: string, events: readonly RunEvent[]): void {
    for (const listener of this.#listeners.get(runId) ?? []) listener.onCommitted(events);
  }

  /** Tells of an event that is only streamed. */
  passing(runId: string, passing: PassingEvent): void {
    for (const listener of this.#listeners.get(runId) ?? []) listener.onPassing(passing);
  }

  /** Tells that the run's owner can't write any more. */
  failed(runId: string, error: unknown): void {
    for (const listener of this.#listeners.get(runId) ?? []) listener.onFailure(error);
  }

  /** Whether anybody would hear of the run's passing events. */
  hasListeners(runId: string): boolean {
    return this.#listeners.has(runId);
  }
}
