import {
  OperatorMode,
  WorkflowStatus,
  type Diagnostic,
  type RunWorkflowRequest,
  type WorkflowEvent,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { createBudgetGate, type BudgetLimits } from '@flowreasoner/model';
import { FlowError, type ParentCall } from '@flowreasoner/rpc';
import { runProgram, type OperatorOutput, type Program } from '@flowreasoner/workflow';
import { checkRecent } from '../check-recent.js';
import { toDiagnostic } from '../handlers/diagnostic-codec.js';
import type { RunnerPorts } from '../ports.js';
import { resolveWorker, type Worker } from '../worker.js';
import { callOperator } from './call-operator.js';
import { EventQueue } from './event-queue.js';
import { Memo } from './memo.js';
import { describeEnd } from './outcome.js';
import { compileLimits } from './run-limits.js';
import { RequestStarts } from './request-starts.js';
import { checkRunRequest } from './run-request.js';
import type { RunSession } from './run-session.js';
import { NO_USAGE, toUsage } from './usage.js';

/** Answers of operators that are kept of a run that a limit ended. */
const PARTIAL_ANSWERS = 3;
/** Characters of each. */
const PARTIAL_LENGTH = 16_384;

/**
 * Checks and runs a workflow. The last event is always `finished`, unless the
 * caller has gone or the service itself fails.
 *
 * @param starts holds requests back until their start is kept; by default none
 * @throws FlowError INVALID_ARGUMENT for a request beyond a limit
 */
export async function* runWorkflow(
  ports: RunnerPorts,
  request: RunWorkflowRequest,
  caller: ParentCall,
  starts = new RequestStarts(),
): AsyncGenerator<WorkflowEvent> {
  checkRunRequest(request);
  const { clock, models } = ports;
  const worker = resolveWorker(models, request.worker);
  const startedAt = clock.now();
  const elapsed = (): number => Math.max(0, Math.round(clock.now() - startedAt));
  const checked = checkRecent(request.source, { prompts: request.prompts, promptsFinal: true });
  if (!checked.valid || checked.program === undefined) {
    const diagnostics = checked.diagnostics.map(toDiagnostic);
    yield { atMs: elapsed(), event: { $case: 'finished', value: invalid(diagnostics, elapsed()) } };
    return;
  }
  const events = new EventQueue({
    elapsedMs: elapsed,
    after: (ms, action) => clock.after(ms, action),
  });
  const gone = new AbortController();
  const signal = AbortSignal.any([caller.signal, gone.signal]);
  const telling = { events, starts };
  const run = execute(ports, request, worker, checked.program, telling, { ...caller, signal }).finally(() => {
    events.close();
  });
  // A failure is rethrown below, once the events before it are read.
  run.catch(() => undefined);
  try {
    yield* events.read();
    const result = await run;
    yield { atMs: elapsed(), event: { $case: 'finished', value: { ...result, wallMs: elapsed() } } };
  } finally {
    gone.abort();
  }
}

async function execute(
  ports: RunnerPorts,
  request: RunWorkflowRequest,
  worker: Worker,
  program: Program,
  telling: Pick<RunSession, 'events' | 'starts'>,
  caller: ParentCall,
): Promise<WorkflowResult> {
  const { clock } = ports;
  const limits = compileLimits(request.limits, caller.deadline - clock.now(), worker.promptStyle);
  const gate = createBudgetGate(budgetOf(request));
  const session: RunSession = {
    ports,
    task: {
      problem: request.problem,
      entryPoint: request.entryPoint,
      visibleChecks: request.visibleChecks?.suite === undefined ? undefined : request.visibleChecks,
    },
    worker,
    promptStyle: worker.promptStyle,
    temperature: request.temperature,
    maxCompletionTokens: limits.maxCompletionTokens,
    streamTokens: request.streamTokens,
    gate,
    memo: new Memo(request.memo),
    ...telling,
    caller,
    deadline: clock.now() + limits.wallMs,
    programUsage: { modelCalls: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 },
  };
  const behaviour = request.mode === OperatorMode.OPERATOR_MODE_COMPATIBLE ? 'compatible' : 'standard';
  const partial: string[] = [];
  const outcome = await runProgram(program, {
    problem: request.problem,
    ...(request.entryPoint === '' ? {} : { entryPoint: request.entryPoint }),
    seed: request.seed,
    limits: { steps: limits.steps, operatorCalls: limits.operatorCalls, wallMs: limits.wallMs },
    concurrency: limits.concurrency,
    signal: caller.signal,
    schedule: (action, ms) => clock.after(ms, action),
    usage: () => ({
      total_cost: session.programUsage.costUsd,
      total_input_tokens: session.programUsage.promptTokens,
      total_output_tokens: session.programUsage.completionTokens,
      call_count: session.programUsage.modelCalls,
    }),
    callOperator: async (call) => {
      await telling.events.room();
      const result = await callOperator(session, behaviour, call);
      keep(partial, result);
      return result;
    },
  });
  // Requests that the end cut off are charged as they end.
  await gate.drained();
  if (outcome.status === 'stopped' && !(outcome.cause instanceof FlowError)) throw outcome.cause;
  return {
    ...describeEnd(outcome),
    usage: toUsage(gate.snapshot()),
    wallMs: 0,
    operatorCalls: outcome.operatorCalls,
    diagnostics: [],
    partialAnswers: outcome.status === 'succeeded' ? [] : partial,
  };
}

function budgetOf({ budget }: RunWorkflowRequest): BudgetLimits {
  const { costUsd, tokens, modelCalls, sandboxMs } = budget ?? {};
  return {
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(modelCalls === undefined ? {} : { modelCalls }),
    ...(sandboxMs === undefined ? {} : { sandboxMs }),
  };
}

/** Keeps the first text of a result, newest first. */
function keep(partial: string[], result: ReadonlyMap<string, OperatorOutput>): void {
  const text = [...result.values()].find((value) => typeof value === 'string' && value !== '');
  if (typeof text !== 'string') return;
  partial.unshift(text.slice(0, PARTIAL_LENGTH));
  partial.length = Math.min(partial.length, PARTIAL_ANSWERS);
}

function invalid(diagnostics: Diagnostic[], wallMs: number): WorkflowResult {
  const errors = diagnostics.filter(({ severity }) => severity === 1);
  return {
    status: WorkflowStatus.WORKFLOW_STATUS_INVALID,
    answer: '',
    errorType: errors[0]?.code ?? 'INVALID',
    message: errors[0]?.message ?? 'the workflow is not valid',
    usage: NO_USAGE,
    wallMs,
    operatorCalls: 0,
    diagnostics,
    partialAnswers: [],
  };
}
