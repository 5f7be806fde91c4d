interface Timer {
  readonly at: number;
  readonly delayMs: number;
  readonly run: () => void;
}

interface Watcher {
  readonly matches: (delayMs: number) => boolean;
  readonly resolve: (delayMs: number) => void;
}

/**
 * A clock that stands still until a test moves it. It fits the `Clock` port of
 * every library: `now`, `after` and `sleep` behave like the real ones.
 */
export interface FakeClock {
  /** The time it shows, in milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `run` once, `delayMs` from now; the function it returns cancels that. */
  after(delayMs: number, run: () => void): () => void;
  /** Resolves `delayMs` from now, or rejects with the signal's reason when that is aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Moves time forward, running the timers that fall due in order and letting pending promises settle. */
  advance(delayMs: number): Promise<void>;
  /** Resolves with the delay of a waiting timer that matches, as soon as there is one. */
  whenScheduled(matches: (delayMs: number) => boolean): Promise<number>;
  /** Delays, as they were asked for, of the timers that are still waiting; soonest first. */
  pending(): readonly number[];
}

/** Creates a {@link FakeClock} that shows `startMs` (default: 2030-01-01T00:00:00Z). */
export function createFakeClock(startMs: number = Date.UTC(2030, 0, 1)): FakeClock {
  let nowMs = startMs;
  const timers = new Set<Timer>();
  const watchers = new Set<Watcher>();

  const after = (delayMs: number, run: () => void): (() => void) => {
    const timer: Timer = { at: nowMs + Math.max(0, delayMs), delayMs, run };
    timers.add(timer);
    for (const watcher of watchers) {
      if (!watcher.matches(delayMs)) continue;
      watchers.delete(watcher);
      watcher.resolve(delayMs);
    }
    return () => void timers.delete(timer);
  };

  const inOrder = (): Timer[] => [...timers].sort((a, b) => a.at - b.at);

  return {
    now: () => nowMs,
    after,
    sleep: (delayMs, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const onAbort = (): void => {
          cancel();
          reject(signal?.reason as Error);
        };
        const cancel = after(delayMs, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    async advance(delayMs) {
      const end = nowMs + delayMs;
      for (;;) {
        await settle();
        const next = inOrder()[0];
        if (next === undefined || next.at > end) break;
        timers.delete(next);
        nowMs = next.at;
        next.run();
      }
      nowMs = end;
      await settle();
    },
    whenScheduled: (matches) =>
      new Promise((resolve) => {
        const waiting = inOrder().find((timer) => matches(timer.delayMs));
        if (waiting !== undefined) resolve(waiting.delayMs);
        else watchers.add({ matches, resolve });
      }),
    pending: () => inOrder().map((timer) => timer.delayMs),
  };
}

/** One turn of the event loop: every promise that can settle without I/O has done so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
