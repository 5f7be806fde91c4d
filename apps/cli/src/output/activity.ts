import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';

/** Operators that run programs when they wait for no model. */
const RUNS_PROGRAMS = new Set(['test', 'programmer', 'sc_ensemble', 'md_ensemble']);
/** Characters that are kept of a text that is being written; a status line holds no more. */
export const TEXT_LENGTH = 240;

/** What the operators of a workflow are doing. */
export interface Doing {
  readonly activity: string;
  /** The end of the text that a model is writing; empty for none. */
  readonly text: string;
}

interface Request {
  open: boolean;
  /** The end of what has been written; undefined until something was. */
  text: string | undefined;
}

interface Call {
  readonly operator: string;
  /** Requests of the operator's latest batch. */
  readonly requests: Map<string, Request>;
}

/** Follows the events of a workflow that runs, so as to say in words what it does. */
export class WorkflowActivity {
  private readonly calls = new Map<string, Call>();
  /** Requests that something was written of, in the order in which that began. */
  private writing: Request[] = [];

  /** Forgets everything: another workflow begins. */
  clear(): void {
    this.calls.clear();
    this.writing = [];
  }

  /** Takes an event; those that say nothing about what is being done change nothing. */
  add(event: WorkflowEvent['event']): void {
    switch (event?.$case) {
      case 'operatorStarted':
        this.calls.set(event.value.callId, { operator: event.value.operator, requests: new Map() });
        return;
      case 'operatorFinished':
        this.calls.delete(event.value.callId);
        return;
      case 'modelRequestStarted':
        return this.requestStarted(event.value);
      case 'tokenDelta':
        return this.wrote(event.value);
      case 'modelRequestFinished':
        return this.requestFinished(event.value);
      case 'sandboxRequestStarted':
      case 'sandboxRequestFinished':
      case 'finished':
      case undefined:
        return;
    }
  }

  /** What is being done; undefined while no operator is at work. */
  get doing(): Doing | undefined {
    const calls = [...this.calls.values()];
    const [first] = calls;
    if (first === undefined) return undefined;
    const activity = calls.length === 1 ? callWords(first) : manyWords(calls);
    // Of several texts the one that was begun last is followed, so that it can be read.
    return { activity, text: this.writing.at(-1)?.text ?? '' };
  }

  private requestStarted({ callId, requestId }: RequestOf): void {
    const requests = this.calls.get(callId)?.requests;
    if (requests === undefined) return;
    if (![...requests.values()].some(({ open }) => open)) requests.clear();
    requests.set(requestId, { open: true, text: undefined });
  }

  private wrote({ callId, requestId, text }: RequestOf & { text: string }): void {
    const request = this.calls.get(callId)?.requests.get(requestId);
    if (request === undefined) return;
    if (request.text === undefined) this.writing.push(request);
    request.text = `${request.text ?? ''}${text}`.slice(-TEXT_LENGTH);
  }

  private requestFinished({ callId, requestId }: RequestOf): void {
    const request = this.calls.get(callId)?.requests.get(requestId);
    if (request === undefined) return;
    request.open = false;
    this.writing = this.writing.filter((other) => other !== request);
  }
}

interface RequestOf {
  readonly callId: string;
  readonly requestId: string;
}

function callWords({ operator, requests }: Call): string {
  const all = [...requests.values()];
  if (!all.some(({ open }) => open)) {
    return RUNS_PROGRAMS.has(operator) ? `${operator}: running code in the sandbox` : operator;
  }
  const begun = all.filter(({ text }) => text !== undefined).length;
  if (begun === 0)
    return `${operator}: waiting for ${all.length === 1 ? 'the model' : `${all.length} answers`}`;
  return all.length === 1 ? operator : `${operator}, answer ${begun} of ${all.length}`;
}

/** Calls that run at the same time, such as `custom ×3, test`. */
function manyWords(calls: readonly Call[]): string {
  const counts = new Map<string, number>();
  for (const { operator } of calls) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(', ');
}
