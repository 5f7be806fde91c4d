import {
  WorkflowStatus,
  type MemoEntry,
  type RunJournaledWorkflowRequest,
  type RunJournaledWorkflowResponse,
  type RunWorkflowRequest,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { bidiStream, FlowError, type BidiStream } from '@flowreasoner/rpc';
import { usageOfWorkflowEvent } from '../runs/run-fold.js';
import { isOwnEnd } from '../runs/run-record.js';
import { timeLeft, type SolveContext } from './context.js';
import { callDependency, dependencies } from './dependency.js';
import { WorkflowAttempt } from './workflow-attempt.js';

/** A workflow to run in a round. */
export interface WorkflowToRun {
  readonly round: number;
  readonly source: string;
  readonly seed: number;
  /** Sampling temperature of workers; undefined means each operator's own. */
  readonly temperature: number | undefined;
  /** How far an earlier owner of the run has come with it. */
  readonly attempt?: WorkflowAttempt | undefined;
}

// The runner's own greatest wall time.
const longestRunMs = 600_000;
// Left to the runner to end at its time limit and tell what it has, before the call itself is cut.
const graceMs = 500;

/**
 * Runs a workflow with what is left of budget and time, adds its events to the
 * run's journal and its use to the ledger. A try that breaks off because the
 * runner or its sandbox went away is followed by another one, which is spared
 * every request that was finished.
 *
 * @throws FlowError UNAVAILABLE when the services stay away, the reason of their
 *   result when a try of theirs said so
 */
export async function runWorkflow(context: SolveContext, work: WorkflowToRun): Promise<WorkflowResult> {
  const attempt = work.attempt ?? new WorkflowAttempt();
  let broken: WorkflowResult | undefined;
  try {
    return await callDependency(context, dependencies.runner, async (working) => {
      broken = undefined;
      const result = await tryOnce(context, work, attempt, working);
      if (isOwnEnd(result) || isOfModel(result)) return result;
      broken = result;
      throw new FlowError('UNAVAILABLE', result.errorType, result.message);
    });
  } catch (error) {
    // Services that answer know better what is wrong than that they were called in vain.
    if (broken !== undefined && !context.signal.aborted) return broken;
    throw error;
  }
}

/** Whether a model could not be reached: the runner has tried that again as often as makes sense. */
export function isOfModel(result: WorkflowResult): boolean {
  return (
    result.status === WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE && result.errorType.startsWith('MODEL_')
  );
}

async function tryOnce(
  context: SolveContext,
  work: WorkflowToRun,
  attempt: WorkflowAttempt,
  working: () => void,
): Promise<WorkflowResult> {
  const tab = context.ledger.open();
  let finished: WorkflowResult | undefined;
  const call = startCall(context, work, attempt.memo);
  const starts = new StartsToKeep(context, call);
  try {
    for await (const { event } of call) {
      const fact = event?.event;
      if (event === undefined || fact === undefined) continue;
      working();
      if (fact.$case === 'tokenDelta') {
        context.pass(work.round, { $case: 'workflowEvent', value: event });
        continue;
      }
      attempt.add(fact);
      tab.add(usageOfWorkflowEvent(fact));
      context.emit(work.round, { $case: 'workflowEvent', value: event });
      if (isStart(fact)) starts.add();
      if (fact.$case === 'finished') finished = fact.value;
      await context.room();
    }
    if (finished === undefined)
      throw new FlowError('UNAVAILABLE', 'RUNNER_BROKE_OFF', 'its stream ended without a result.');
    if (finished.usage !== undefined) tab.settle(finished.usage);
    return finished;
  } finally {
    if (finished === undefined) {
      const message = 'The workflow runner went away before the request ended.';
      for (const fact of attempt.breakOff(message, starts.mayBeSent)) {
        attempt.add(fact);
        if (fact.$case !== 'finished') tab.add(usageOfWorkflowEvent(fact));
        context.emit(work.round, { $case: 'workflowEvent', value: { atMs: 0, event: fact } });
      }
    }
  }
}

function isStart({ $case }: { readonly $case: string }): boolean {
  return $case === 'modelRequestStarted' || $case === 'sandboxRequestStarted';
}

type RunCall = BidiStream<RunJournaledWorkflowRequest, RunJournaledWorkflowResponse>;

/** Starts of requests that were emitted: the runner sends each once it hears that it is in the journal. */
class StartsToKeep {
  #emitted = 0;
  #mayBeSent = 0;
  #saying = false;

  constructor(
    private readonly context: Pick<SolveContext, 'committed'>,
    private readonly call: Pick<RunCall, 'write'>,
  ) {}

  /** How many requests the runner may have heard that it may send. */
  get mayBeSent(): number {
    return this.#mayBeSent;
  }

  add(): void {
    this.#emitted += 1;
    if (!this.#saying) void this.#say();
  }

  async #say(): Promise<void> {
    this.#saying = true;
    try {
      while (this.#mayBeSent < this.#emitted) {
        const kept = this.#emitted;
        await this.context.committed();
        this.#mayBeSent = kept;
        await this.call.write({ request: { $case: 'keptStarts', value: kept } });
      }
    } catch {
      // A journal that failed has aborted the run; why a call has ended, its responses say.
    } finally {
      this.#saying = false;
    }
  }
}

function startCall(context: SolveContext, work: WorkflowToRun, memo: MemoEntry[]): RunCall {
  const { ports, task, options, ledger, signal, tenant } = context;
  const left = timeLeft(context);
  const request: RunWorkflowRequest = {
    source: work.source,
    prompts: '',
    problem: task.problem,
    entryPoint: task.entryPoint,
    visibleChecks: task.suite,
    worker: options.worker,
    mode: options.mode,
    seed: work.seed,
    limits: {
      steps: 0,
      operatorCalls: 0,
      wallMs: Math.min(longestRunMs, left > 4 * graceMs ? left - graceMs : Math.ceil(left * 0.75)),
      concurrency: 0,
      maxCompletionTokens: 0,
    },
    budget: ledger.remaining,
    memo,
    streamTokens: true,
    temperature: work.temperature,
  };
  const call: RunCall = bidiStream(ports.workflows, 'runJournaledWorkflow', {
    signal,
    tenant,
    deadlineMs: left + 5_000,
  });
  // Where it can't be written, the responses say why.
  call.write({ request: { $case: 'start', value: request } }).catch(() => undefined);
  return call;
}
