import { randomUUID } from 'node:crypto';
import type { RunResult } from '@flowreasoner/contracts/metaagent';
import type { Budget, ModelRef } from '@flowreasoner/contracts/workflow';
import { createAnswerJudge } from '@flowreasoner/evaluate';
import { prepareTask, type PreparedTask } from '@flowreasoner/meta-agent';
import { FlowError } from '@flowreasoner/rpc';
import { ExitCode } from '../exit-codes.js';
import { errorLine, resultLine, runEventLine } from '../output/json-events.js';
import { TraceFile } from '../output/trace-file.js';
import { exitCodeOfRun } from '../run-exit-code.js';
import { chooseModels, type ModelOptions } from '../solve/choose-models.js';
import { requireAnswerChecks } from '../solve/check-answer.js';
import { putHiddenTests } from '../solve/put-hidden-tests.js';
import { runOnce } from '../solve/run-once.js';
import { runServices, type RunServices } from '../solve/run-services.js';
import { scoreAnswer, type ScoreAnswerOptions } from '../solve/score-answer.js';
import { connectEmbedded, operatorMode, type SessionPorts, writeLine } from '../solve/session.js';
import { readTask, type TaskInput, type TaskSource } from '../task/read-task.js';
import { readWorkflow, type ValidWorkflow, validOrExplained } from '../task/read-workflow.js';
import { printAnswer, withView } from './solve.js';

/** Options of `flow run`. */
export interface RunCommandOptions extends TaskSource, ModelOptions {
  readonly prompts?: string;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  /** Milliseconds. */
  readonly deadline?: number;
  readonly seed: number;
  readonly mode?: string;
  /** Path of the file that everything that happens is written to. */
  readonly trace?: string;
  readonly json?: boolean;
  /** Addresses of services to use instead of the embedded ones. */
  readonly server?: string;
}

/**
 * `flow run FILE`: runs a workflow once on a task; its answer is graded by the
 * task's visible checks, and scored by its hidden tests where it has any.
 */
export async function run(file: string, options: RunCommandOptions): Promise<ExitCode> {
  const fromInput = options.query === undefined && (options.task === undefined || options.task === '-');
  if (file === '-' && fromInput) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'INPUT_TWICE',
      'workflow and task both come from standard input',
      {
        hint: 'give --task FILE or --query TEXT',
      },
    );
  }
  const input = await readWorkflow(file, options.prompts, true);
  const workflow = validOrExplained(input);
  if (workflow === undefined) {
    if (options.json === true) {
      const { diagnostics } = input.checked;
      const error = new FlowError('INVALID_ARGUMENT', 'WORKFLOW_INVALID', `${file} is not a valid workflow`);
      writeLine({
        ...errorLine(error),
        diagnostics: diagnostics.map(({ code, message }) => ({ code, message })),
      });
    }
    return ExitCode.invalidWorkflow;
  }
  return await withView(options, (ports) => runValid(workflow, options, ports));
}

async function runValid(
  { source, prompts, checked }: ValidWorkflow,
  options: RunCommandOptions,
  ports: SessionPorts,
): Promise<ExitCode> {
  const { view, signal } = ports;
  const input = await readTask(options, process.stdin);
  const task = prepareTask(input.task);
  const judge = createAnswerJudge();
  const trace = options.trace === undefined ? undefined : TraceFile.open(options.trace);
  const budget: Budget = {
    costUsd: options.budgetUsd,
    tokens: options.budgetTokens,
    modelCalls: undefined,
    sandboxMs: undefined,
  };
  try {
    requireAnswerChecks(task, judge);
    const { services, worker } = await connect(options, input, task, ports);
    try {
      const rewardTask = await putHiddenTests(services.reward, input, randomUUID(), signal);
      view.doing('running the workflow');
      const result = await runOnce({
        services,
        judge,
        task,
        request: { source, prompts, worker, mode: operatorMode(options.mode), seed: options.seed, budget },
        deadlineMs: options.deadline,
        workflow: checked.normalForm,
        onWorkflowEvent: (event) => trace?.write(event),
        onEvent: (event) => {
          if (options.json !== true) return view.event(event);
          const line = runEventLine(event);
          if (line !== undefined) writeLine(line);
        },
        streamTokens: options.json !== true,
        signal,
      });
      const scored = await withHiddenScore(result, {
        reward: services.reward,
        task: rewardTask,
        budget,
        signal,
      });
      if (options.json === true) {
        writeLine(resultLine('', scored));
      } else {
        view.result(scored);
        printAnswer(scored, view);
      }
      return exitCodeOfRun(scored.status);
    } finally {
      await services.detach();
    }
  } finally {
    trace?.close();
    await judge.close();
  }
}

/** The result with its score by the hidden tests, or the reason why it has none. */
async function withHiddenScore(
  result: RunResult,
  scoring: Omit<ScoreAnswerOptions, 'result'>,
): Promise<RunResult> {
  if (scoring.task === '' || result.answer === '') return result;
  const scored = await scoreAnswer({ ...scoring, result });
  if (scored.score !== undefined) return { ...result, hidden: scored.score };
  return { ...result, message: [result.message, scored.message].filter((text) => text !== '').join(' ') };
}

/** The services that the options name, and the model there. */
async function connect(
  options: RunCommandOptions,
  input: TaskInput,
  task: PreparedTask,
  ports: SessionPorts,
): Promise<{ services: RunServices; worker: ModelRef }> {
  if (options.server !== undefined) {
    const isScored = input.hiddenTests !== undefined || input.hiddenAnswer !== undefined;
    const needs = { sandbox: task.suite !== undefined, reward: isScored };
    const worker = { endpoint: '', model: options.worker ?? '' };
    return { services: runServices(options.server, needs), worker };
  }
  const models = chooseModels(options, process.env);
  return { services: await connectEmbedded(options, models, ports), worker: models.worker };
}
