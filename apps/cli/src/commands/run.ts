import type { Budget, ModelRef } from '@flowreasoner/contracts/workflow';
import { prepareTask, type PreparedTask } from '@flowreasoner/meta-agent';
import { FlowError } from '@flowreasoner/rpc';
import { ExitCode } from '../exit-codes.js';
import { errorLine, resultLine, runEventLine } from '../output/json-events.js';
import { TraceFile } from '../output/trace-file.js';
import { exitCodeOfRun } from '../run-exit-code.js';
import { chooseModels, type ModelOptions } from '../solve/choose-models.js';
import { runOnce } from '../solve/run-once.js';
import { runServices, type RunServices } from '../solve/run-services.js';
import { scoreAnswer } from '../solve/score-answer.js';
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
  const input = await readWorkflow(file, options.prompts);
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
  const trace = options.trace === undefined ? undefined : TraceFile.open(options.trace);
  const budget: Budget = {
    costUsd: options.budgetUsd,
    tokens: options.budgetTokens,
    modelCalls: undefined,
    sandboxMs: undefined,
  };
  try {
    const { services, worker } = await connect(options, input, task, ports);
    try {
      view.doing('running the workflow');
      const result = await runOnce({
        services,
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
        signal,
      });
      const executed = result.answer !== '';
      const hidden = executed
        ? await scoreAnswer({ reward: services.reward, input, result, budget, executed, signal })
        : undefined;
      const scored = { ...result, hidden };
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
  }
}

/** The services that the options name, and the model there. */
async function connect(
  options: RunCommandOptions,
  input: TaskInput,
  task: PreparedTask,
  ports: SessionPorts,
): Promise<{ services: RunServices; worker: ModelRef }> {
  if (options.server !== undefined) {
    const needs = { sandbox: task.suite !== undefined, reward: input.hiddenTests !== undefined };
    const worker = { endpoint: '', model: options.worker ?? '' };
    return { services: runServices(options.server, needs), worker };
  }
  const models = chooseModels(options, process.env);
  return { services: await connectEmbedded(options, models, ports), worker: models.worker };
}
