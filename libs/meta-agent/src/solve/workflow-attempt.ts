import {
  WorkflowStatus,
  type MemoEntry,
  type SandboxRequestStarted,
  type Usage,
  type WorkflowEvent,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { usageOfWorkflowEvent } from '../runs/run-fold.js';
import { addUsage, noUsage } from './usage.js';

type WorkflowFact = WorkflowEvent['event'];

// What a RunWorkflow request may hold; see the runner's limits.
const maxMemoEntries = 10_000;
const maxMemoBytes = 2 * 1024 * 1024;

const oneCall: Usage = { ...noUsage, modelCalls: 1 };

interface InFlight {
  /** Where its start stands among those of the try, from 1. */
  readonly place: number;
}

/** How far the run of a workflow has come, told by its events. It may take several tries. */
export class WorkflowAttempt {
  readonly #memo = new Map<string, MemoEntry>();
  readonly #modelInFlight = new Map<
    string,
    InFlight & { readonly callId: string; readonly reserved: Usage }
  >();
  readonly #sandboxInFlight = new Map<string, InFlight & SandboxRequestStarted>();
  #starts = 0;
  #used: Usage = noUsage;
  #begun = false;

  /** Takes the next event. */
  add(fact: WorkflowFact): void {
    this.#begun = true;
    this.#used = addUsage(this.#used, usageOfWorkflowEvent(fact));
    switch (fact?.$case) {
      case 'modelRequestStarted': {
        const { requestId, callId, reserved } = fact.value;
        this.#starts += 1;
        const place = this.#starts;
        this.#modelInFlight.set(requestId, { callId, reserved: reserved ?? oneCall, place });
        return;
      }
      case 'modelRequestFinished':
        this.#modelInFlight.delete(fact.value.requestId);
        this.#keep(fact.value.memo);
        return;
      case 'sandboxRequestStarted':
        this.#starts += 1;
        this.#sandboxInFlight.set(fact.value.requestId, { ...fact.value, place: this.#starts });
        return;
      case 'sandboxRequestFinished':
        this.#sandboxInFlight.delete(fact.value.requestId);
        this.#keep(fact.value.memo);
        return;
      case 'finished':
        this.#modelInFlight.clear();
        this.#sandboxInFlight.clear();
        this.#starts = 0;
        this.#used = noUsage;
        this.#begun = false;
        return;
      case 'operatorStarted':
      case 'operatorFinished':
      case 'tokenDelta':
      case undefined:
        return;
    }
  }

  /** Finished requests, to be handed to the next try: as many as a request can hold, oldest first. */
  get memo(): MemoEntry[] {
    let bytes = 0;
    const entries = [...this.#memo.values()].slice(0, maxMemoEntries);
    return entries.filter(({ key, response }) => {
      const size = key.length + response.length;
      if (bytes + size > maxMemoBytes) return false;
      bytes += size;
      return true;
    });
  }

  /**
   * The events that end a try whose own end was never heard: requests in flight
   * count with the most that they can have used. Nothing when no try is open.
   *
   * @param message one sentence on why its end was not heard
   * @param mayBeSent how many of the try's requests may have been sent, in the order of
   *   their starts; those after them count nothing. Default: all
   */
  breakOff(message: string, mayBeSent = Infinity): NonNullable<WorkflowFact>[] {
    if (!this.#begun) return [];
    const facts: NonNullable<WorkflowFact>[] = [];
    for (const [requestId, { callId, reserved, place }] of this.#modelInFlight) {
      const usage = place > mayBeSent ? noUsage : reserved;
      const ended = { callId, requestId, usage, error: message, fromMemo: false, memo: undefined };
      facts.push({ $case: 'modelRequestFinished', value: ended });
    }
    for (const { callId, requestId, reservedMs, place } of this.#sandboxInFlight.values()) {
      const wallMs = place > mayBeSent ? 0 : reservedMs;
      const ended = { callId, requestId, wallMs, error: message, fromMemo: false, memo: undefined };
      facts.push({ $case: 'sandboxRequestFinished', value: ended });
    }
    const usage = facts.reduce((sum, fact) => addUsage(sum, usageOfWorkflowEvent(fact)), this.#used);
    return [...facts, { $case: 'finished', value: brokenOff(message, usage) }];
  }

  #keep(memo: MemoEntry | undefined): void {
    if (memo !== undefined) this.#memo.set(memo.key, memo);
  }
}

function brokenOff(message: string, usage: Usage): WorkflowResult {
  return {
    status: WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE,
    answer: '',
    errorType: 'BROKEN_OFF',
    message,
    usage,
    wallMs: 0,
    operatorCalls: 0,
    diagnostics: [],
    partialAnswers: [],
  };
}
