import type { Clock } from '../ports.js';

/** Longest delay that setTimeout takes; it fires at once beyond that. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const end = Date.now() + delayMs;
    let timer = setTimeout(fire, Math.min(delayMs, longestTimerMs));
    function fire(): void {
      const leftMs = end - Date.now();
      if (leftMs > 0 && delayMs > longestTimerMs) timer = setTimeout(fire, Math.min(leftMs, longestTimerMs));
      else run();
    }
    return () => clearTimeout(timer);
  },
};
