import type { Clock } from '../ports.js';

// Longer timers overflow to 1 ms.
const longestTimer = 2 ** 31 - 1;

/** The system's clock. Its timers don't keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(Math.max(0, ms), longestTimer)).unref();
    return () => clearTimeout(timer);
  },
};
