import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import type { ScriptedModelServer } from '@flowreasoner/testing';
import { resultOf } from './local-services.js';

/** What a run's journal tells of its requests. */
export interface RequestCounts {
  /** Owners that the run has had. */
  readonly owners: number;
  /** Requests to models that were finished, and paid for. */
  readonly finished: number;
  /** Requests that were in flight when an owner or a service was lost. */
  readonly brokenOff: number;
  /** Requests to the sandbox that were in flight then. */
  readonly sandboxBrokenOff: number;
}

/**
 * Checks that a journal has no gap and no repeat, that no request was finished
 * twice, and that every one that began has its end and is counted, and counts.
 *
 * @throws Error that says what is wrong
 */
export function checkJournal(events: readonly RunEvent[]): RequestCounts {
  const finishedOnce = new Set<string>();
  const counts = { owners: 0, finished: 0, brokenOff: 0, sandboxBrokenOff: 0 };
  const sandbox = new SandboxRequests();
  // Requests of a workflow are told apart within one validation run of one round.
  let workflow = 0;
  events.forEach((each, index) => {
    if (each.sequence !== BigInt(index + 1))
      throw new Error(`event ${index + 1} has number ${each.sequence}`);
    const fact = each.event;
    if (fact?.$case === 'runStarted') counts.owners++;
    counts.sandboxBrokenOff += sandbox.add(fact);
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
  const told = resultOf(events).usage?.sandboxMs ?? 0;
  if (sandbox.open !== 0) throw new Error(`${sandbox.open} sandbox requests have no end`);
  if (told < sandbox.brokenOffMs) throw new Error(`${told} ms in the sandbox are told; more were cut off`);
  return counts;
}

/** Follows a run's requests to the sandbox. */
class SandboxRequests {
  /** Those that have begun and not ended. */
  open = 0;
  /** The most that those can have taken, in milliseconds, whose end was never heard. */
  brokenOffMs = 0;
  /** The most that the one evaluation at work can take. */
  #evaluationMs = 0;

  /** Takes the next event; returns how many requests it says were cut off. */
  add(fact: RunEvent['event']): number {
    const inner = fact?.$case === 'workflowEvent' ? fact.value.event : undefined;
    if (fact?.$case === 'evaluationRequestStarted') {
      this.open += 1;
      this.#evaluationMs = fact.value.reservedMs;
    } else if (fact?.$case === 'evaluationRequestFinished' && !fact.value.fromMemo) {
      return this.#end(
        fact.value.memo === undefined && fact.value.wallMs === this.#evaluationMs,
        fact.value.wallMs,
      );
    } else if (inner?.$case === 'sandboxRequestStarted') {
      this.open += 1;
    } else if (inner?.$case === 'sandboxRequestFinished' && !inner.value.fromMemo) {
      return this.#end(inner.value.error.includes('went away'), inner.value.wallMs);
    }
    return 0;
  }

  #end(isCutOff: boolean, wallMs: number): number {
    this.open -= 1;
    if (isCutOff) this.brokenOffMs += wallMs;
    return isCutOff ? 1 : 0;
  }
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
