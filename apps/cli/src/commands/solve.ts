import { type RunOptions, type RunResult } from '@flowreasoner/contracts/metaagent';
import { OperatorMode } from '@flowreasoner/contracts/workflow';
import { attach } from '../embedded/attach.js';
import { embeddedPaths } from '../embedded/paths.js';
import { ExitCode } from '../exit-codes.js';
import { resultLine, runEventLine } from '../output/json-events.js';
import { LiveView } from '../output/live-view.js';
import { printable } from '../output/printable.js';
import { exitCodeOfRun } from '../run-exit-code.js';
import { listenForInterrupts } from '../signals.js';
import { chooseModels, LOCAL, localModelFile, type ModelChoice, type ModelOptions } from '../solve/choose-models.js';
import { remoteServices } from '../solve/remote-services.js';
import { type SolvedTask, solveTask } from '../solve/solve-task.js';
import { readTask, type TaskInput, type TaskSource } from '../task/read-task.js';

/** Policy for the local model: the better one of `search` and `llm` by docs/benchmarks.md. */
const LOCAL_POLICY = 'search';

/** Options of `flow solve`. */
export interface SolveOptions extends TaskSource, ModelOptions {
  readonly policy?: string;
  readonly maxRounds?: number;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  /** Milliseconds. */
  readonly deadline?: number;
  readonly seed: number;
  readonly mode?: string;
  readonly json?: boolean;
  readonly server?: string;
}

/** `flow solve`: one query in, one checked answer out. */
export async function solve(options: SolveOptions): Promise<ExitCode> {
  const input = await readTask(options, process.stdin);
  const interrupts = listenForInterrupts();
  const json = options.json === true;
  // The answer is what standard output is for; the view must not mix with it.
  const view = new LiveView({ out: process.stderr, now: Date.now });
  if (!json) view.start();
  try {
    const solved = await solveOne({ input, options, view, json, signal: interrupts.signal });
    if (!json) printAnswer(solved.result, view);
    return interrupts.exitCode() ?? exitCodeOfRun(solved.result.status);
  } catch (error) {
    const code = interrupts.exitCode();
    view.stop();
    if (code === undefined) throw error;
    if (json) writeLine({ event: 'error', code: 'CANCELLED', reason: 'CANCELLED', message: 'cancelled', hint: null });
    else process.stderr.write('flow: cancelled\n');
    return code;
  } finally {
    view.stop();
    interrupts.dispose();
  }
}

/** What solving one task needs. */
export interface SolveOne {
  readonly input: TaskInput;
  readonly options: SolveOptions;
  readonly view: LiveView;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Solves one task on the embedded services, or on those of `--server`. */
export async function solveOne({ input, options, view, json, signal }: SolveOne): Promise<SolvedTask> {
  const models = options.server === undefined ? chooseModels(options, process.env) : undefined;
  const services =
    models === undefined
      ? remoteServices(options.server ?? '')
      : await attach({
          paths: embeddedPaths(process.env),
          endpoints: models.endpoints,
          localModelFile: models.usesLocal
            ? await localModelFile(options, (words) => view.doing(words), signal)
            : undefined,
          signal,
        });
  view.doing('starting the run');
  try {
    const solved = await solveTask({
      services,
      input,
      run: runOptions(options, models),
      signal,
      onEvent: (event) => {
        if (!json) return view.event(event);
        const line = runEventLine(event);
        if (line !== undefined) writeLine(line);
      },
    });
    if (json) writeLine(resultLine(solved.run, solved.result));
    else view.result(solved.result);
    return solved;
  } finally {
    await services.detach();
  }
}

function runOptions(options: SolveOptions, models: ModelChoice | undefined): RunOptions {
  return {
    policy: options.policy ?? (models?.meta.endpoint === LOCAL ? LOCAL_POLICY : models === undefined ? '' : 'llm'),
    meta: models?.meta ?? { endpoint: '', model: options.meta ?? '' },
    worker: models?.worker ?? { endpoint: '', model: options.worker ?? '' },
    maxRounds: options.maxRounds ?? 0,
    validationRuns: 0,
    maxRepairs: undefined,
    budget: {
      costUsd: options.budgetUsd,
      tokens: options.budgetTokens,
      modelCalls: undefined,
      sandboxMs: undefined,
    },
    deadlineMs: options.deadline ?? 0,
    seed: options.seed,
    mode:
      options.mode === 'compatible' ? OperatorMode.OPERATOR_MODE_COMPATIBLE : OperatorMode.OPERATOR_MODE_STANDARD,
  };
}

function printAnswer(result: RunResult, view: LiveView): void {
  view.stop();
  if (result.answer !== '') process.stdout.write(`\n${printable(result.answer).trimEnd()}\n`);
}

function writeLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
