import { setImmediate as pause } from 'node:timers/promises';
import type { AnalyzedWorkflow } from '../ports.js';

/**
 * For each workflow of a group, 1 − its greatest similarity to another one; 0
 * where there is no workflow or no other one to compare with.
 *
 * A large group takes seconds, so other calls get their turn after each pair.
 *
 * @param workflows equal sources as one object; they are alike without a comparison
 * @throws the reason of `signal` once it has aborted
 */
export async function diversities(
  workflows: readonly (AnalyzedWorkflow | undefined)[],
  signal: AbortSignal,
): Promise<number[]> {
  const greatest = workflows.map((): number | undefined => undefined);
  const note = (index: number, similarity: number): void => {
    greatest[index] = Math.max(greatest[index] ?? 0, similarity);
  };
  for (const [i, one] of workflows.entries()) {
    for (const [j, other] of workflows.slice(0, i).entries()) {
      if (one === undefined || other === undefined) continue;
      let similarity = 1;
      if (one !== other) {
        await pause();
        signal.throwIfAborted();
        similarity = one.similarityTo(other);
      }
      note(i, similarity);
      note(j, similarity);
    }
  }
  return greatest.map((similarity) => (similarity === undefined ? 0 : 1 - similarity));
}
