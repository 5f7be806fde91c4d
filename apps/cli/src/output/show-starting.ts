import { LiveView } from './live-view.js';
import type { SlowPart } from '../embedded/slow-part.js';
import { waitingWords } from './words.js';

/**
 * Shows on a terminal that something is being started, until it is.
 *
 * @param start is handed a function that says what is still awaited
 */
export async function showStarting<T>(
  activity: string,
  start: (onWaiting: (parts: readonly SlowPart[]) => void) => Promise<T>,
): Promise<T> {
  const view = new LiveView({ out: process.stderr, now: Date.now });
  view.doing(activity);
  view.start();
  try {
    return await start((parts) => view.doing(waitingWords(parts)));
  } finally {
    view.stop();
  }
}
