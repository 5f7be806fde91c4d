import type { WorkflowResult } from '@flowreasoner/contracts/workflow';
import { FlowError, serverStream } from '@flowreasoner/rpc';
import { usageOfWorkflowEvent } from '../runs/run-fold.js';
import { timeLeft, type SolveContext } from './context.js';
import { callDependency, dependencies } from './dependency.js';

/** A workflow to run in a round. */
export interface WorkflowToRun {
  readonly round: number;
  readonly source: string;
  readonly seed: number;
  /** Sampling temperature of workers; undefined means each operator's own. */
  readonly temperature: number | undefined;
}

// The runner's own greatest wall time.
const longestRunMs = 600_000;
// Left to the runner to end at its time limit and tell what it has, before the call itself is cut.
const graceMs = 500;

/**
 * Runs a workflow with what is left of budget and time, adds its events to the
 * run's journal and its use to the ledger.
 */
export async function runWorkflow(context: SolveContext, work: WorkflowToRun): Promise<WorkflowResult> {
  const tab = context.ledger.open();
  const result = await callDependency(context, dependencies.runner, async () => {
    let finished: WorkflowResult | undefined;
    for await (const { event } of startCall(context, work)) {
      const fact = event?.event;
      if (event === undefined || fact === undefined) continue;
      tab.add(usageOfWorkflowEvent(fact));
      if (fact.$case === 'tokenDelta') {
        context.pass(work.round, { $case: 'workflowEvent', value: event });
        continue;
      }
      context.emit(work.round, { $case: 'workflowEvent', value: event });
      if (fact.$case === 'finished') finished = fact.value;
      await context.room();
    }
    if (finished !== undefined) return finished;
    throw new FlowError('UNAVAILABLE', 'RUNNER_BROKE_OFF', 'its stream ended without a result.');
  });
  if (result.usage !== undefined) tab.settle(result.usage);
  return result;
}

function startCall(context: SolveContext, work: WorkflowToRun) {
  const { ports, task, options, ledger, signal, tenant } = context;
  const left = timeLeft(context);
  const request = {
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
    memo: [],
    streamTokens: true,
    temperature: work.temperature,
  };
  return serverStream(ports.workflows, 'runWorkflow', request, { signal, tenant, deadlineMs: left + 5_000 });
}
