import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import type { ScriptedModelServer } from '@flowreasoner/testing';

/** What a run's journal tells of its requests. */
export interface RequestCounts {
  /** Owners that the run has had. */
  readonly owners: number;
  /** Requests to models that were finished, and paid for. */
  readonly finished: number;
  /** Requests that were in flight when an owner or a service was lost. */
  readonly brokenOff: number;
}

/**
 * Checks that a journal has no gap and no repeat, and that no request was
 * finished twice, and counts.
 *
 * @throws Error that says what is wrong
 */
export function checkJournal(events: readonly RunEvent[]): RequestCounts {
  const finishedOnce = new Set<string>();
  const counts = { owners: 0, finished: 0, brokenOff: 0 };
  // Requests of a workflow are told apart within one validation run of one round.
  let workflow = 0;
  events.forEach((each, index) => {
    if (each.sequence !== BigInt(index + 1))
      throw new Error(`event ${index + 1} has number ${each.sequence}`);
    const fact = each.event;
    if (fact?.$case === 'runStarted') counts.owners++;
    if (fact?.$case === 'metaRequestFinished') {
      if (fact.value.fromMemo) return;
      if (fact.value.error === '') counts.finished++;
      else counts.brokenOff++;
    }
    if (fact?.$case !== 'workflowEvent') return;
    const inner = fact.value.event;
    if (inner?.$case === 'finished' && inner.value.errorType !== 'BROKEN_OFF') workflow++;
    if (inner?.$case !== 'modelRequestFinished') return;
    if (inner.value.fromMemo) return;
    if (inner.value.error !== '') return void counts.brokenOff++;
    const key = `${workflow} ${each.round} ${inner.value.requestId}`;
    if (finishedOnce.has(key)) throw new Error(`request ${key} was finished twice`);
    finishedOnce.add(key);
    counts.finished++;
  });
  if (events.at(-1)?.event?.$case !== 'runFinished') throw new Error('the journal does not end with the end');
  return counts;
}

/** How often the model server saw each of a run's requests. */
export function timesSeen(models: ScriptedModelServer, tag: string): number[] {
  const seen = new Map<string, number>();
  for (const { body } of models.requests) {
    const text = JSON.stringify([body.messages, body.seed, body.temperature, body.n]);
    if (text.includes(tag)) seen.set(text, (seen.get(text) ?? 0) + 1);
  }
  return [...seen.values()];
}
