import { prepareTask } from '@flowreasoner/meta-agent';
import { FlowError } from '@flowreasoner/rpc';
import { ExitCode } from '../exit-codes.js';
import { errorLine, resultLine, runEventLine } from '../output/json-events.js';
import { TraceFile } from '../output/trace-file.js';
import { exitCodeOfRun } from '../run-exit-code.js';
import { chooseModels, type ModelOptions } from '../solve/choose-models.js';
import { runOnce } from '../solve/run-once.js';
import { connectEmbedded, operatorMode, type SessionPorts, writeLine } from '../solve/session.js';
import { readTask, type TaskSource } from '../task/read-task.js';
import { readWorkflow, type ValidWorkflow, validOrExplained } from '../task/read-workflow.js';
import { printAnswer, withView } from './solve.js';

/** Options of `flow run`. */
export interface RunCommandOptions extends TaskSource, ModelOptions {
  readonly prompts?: string;
  readonly seed: number;
  readonly mode?: string;
  /** Path of the file that everything that happens is written to. */
  readonly trace?: string;
  readonly json?: boolean;
}

/** `flow run FILE`: runs a workflow once on a task; its answer is graded by the task's visible checks. */
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
  const { task } = await readTask(options, process.stdin);
  const models = chooseModels(options, process.env);
  const trace = options.trace === undefined ? undefined : TraceFile.open(options.trace);
  try {
    const services = await connectEmbedded(options, models, ports);
    try {
      view.doing('running the workflow');
      const result = await runOnce({
        services,
        task: prepareTask(task),
        request: {
          source,
          prompts,
          worker: models.worker,
          mode: operatorMode(options.mode),
          seed: options.seed,
        },
        workflow: checked.normalForm,
        onWorkflowEvent: (event) => trace?.write(event),
        onEvent: (event) => {
          if (options.json !== true) return view.event(event);
          const line = runEventLine(event);
          if (line !== undefined) writeLine(line);
        },
        signal,
      });
      if (options.json === true) {
        writeLine(resultLine('', result));
      } else {
        view.result(result);
        printAnswer(result, view);
      }
      return exitCodeOfRun(result.status);
    } finally {
      await services.detach();
    }
  } finally {
    trace?.close();
  }
}
