import { FeedbackForm, ModelFeedback, type RunOptions } from '@flowreasoner/contracts/metaagent';
import { OperatorMode } from '@flowreasoner/contracts/workflow';
import { attach, type Embedded } from '../embedded/attach.js';
import { embeddedPaths } from '../embedded/paths.js';
import { resultLine, runEventLine } from '../output/json-events.js';
import type { LiveView } from '../output/live-view.js';
import { waitingWords } from '../output/words.js';
import type { TaskInput } from '../task/read-task.js';
import { readSource } from '../task/read-workflow.js';
import { chooseModels, LOCAL, localModelFile, type ModelChoice, type ModelOptions } from './choose-models.js';
import { remoteServices } from './remote-services.js';
import { type SolvedTask, solveTask } from './solve-task.js';

/** Policy for the local model: the better one of `search` and `llm` by docs/benchmarks.md. */
const LOCAL_POLICY = 'search';

/** What the command line says about how runs are solved. */
export interface SessionOptions extends ModelOptions {
  readonly policy?: string;
  /** File of the workflow to start from. */
  readonly seedWorkflow?: string;
  /** Its operators and calls that stay as they are. */
  readonly hold?: readonly string[];
  readonly feedback?: string;
  readonly modelFeedback?: boolean;
  readonly maxRounds?: number;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly budgetCalls?: number;
  /** Milliseconds. */
  readonly budgetSandbox?: number;
  /** Milliseconds. */
  readonly deadline?: number;
  readonly seed: number;
  readonly mode?: string;
  readonly json?: boolean;
  /** Address of a meta-agent service to use instead of the embedded one. */
  readonly server?: string;
}

/** Services and models, ready to solve tasks. */
export interface Session {
  /** Solves one task, showing it on the view or as lines of JSON. */
  solve(input: TaskInput): Promise<SolvedTask>;
  close(): Promise<void>;
}

/** Where a session shows what happens, and what ends it. */
export interface SessionPorts {
  readonly view: LiveView;
  readonly signal: AbortSignal;
}

/**
 * Gets everything ready: the local model's file, the embedded services or those
 * of `--server`.
 *
 * @throws FlowError when something that is needed is missing
 */
export async function openSession(options: SessionOptions, { view, signal }: SessionPorts): Promise<Session> {
  const seedWorkflow = options.seedWorkflow === undefined ? '' : await readSource(options.seedWorkflow);
  const models = options.server === undefined ? chooseModels(options, process.env) : undefined;
  const services =
    models === undefined
      ? remoteServices(options.server ?? '')
      : await connectEmbedded(options, models, { view, signal });
  const run = runOptions(options, models, seedWorkflow);
  return {
    solve: async (input) => {
      view.doing('starting the run');
      const solved = await solveTask({
        services,
        input,
        run,
        signal,
        streamTokens: options.json !== true,
        onEvent: (event) => {
          if (options.json !== true) return view.event(event);
          const line = runEventLine(event);
          if (line !== undefined) writeLine(line);
        },
      });
      if (options.json === true) writeLine(resultLine(solved.run, solved.result));
      else view.result(solved.result);
      return solved;
    },
    close: () => services.detach(),
  };
}

/** Writes one line of `--json` output. */
export function writeLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * Attaches to the embedded services, with the local model's file when it is used.
 *
 * @throws FlowError when something that is needed is missing
 */
export async function connectEmbedded(
  options: ModelOptions,
  models: ModelChoice,
  { view, signal }: SessionPorts,
): Promise<Embedded> {
  const modelFile = models.usesLocal
    ? await localModelFile(options, (words) => view.preparing(words), signal)
    : undefined;
  view.doing('starting the services');
  return await attach({
    paths: embeddedPaths(process.env),
    endpoints: models.endpoints,
    localModelFile: modelFile,
    onWaiting: (parts) => view.doing(waitingWords(parts)),
    signal,
  });
}

function runOptions(
  options: SessionOptions,
  models: ModelChoice | undefined,
  seedWorkflow: string,
): RunOptions {
  return {
    policy:
      options.policy ?? (models?.meta.endpoint === LOCAL ? LOCAL_POLICY : models === undefined ? '' : 'llm'),
    meta: models?.meta ?? { endpoint: '', model: options.meta ?? '' },
    worker: models?.worker ?? { endpoint: '', model: options.worker ?? '' },
    maxRounds: options.maxRounds ?? 0,
    validationRuns: 0,
    maxRepairs: undefined,
    budget: {
      costUsd: options.budgetUsd,
      tokens: options.budgetTokens,
      modelCalls: options.budgetCalls,
      sandboxMs: options.budgetSandbox,
    },
    deadlineMs: options.deadline ?? 0,
    seed: options.seed,
    mode: operatorMode(options.mode),
    feedbackForm:
      options.feedback === 'scalar'
        ? FeedbackForm.FEEDBACK_FORM_SCALAR
        : FeedbackForm.FEEDBACK_FORM_STRUCTURED,
    seedWorkflow,
    hold: [...(options.hold ?? [])],
    modelFeedback: modelFeedback(options.modelFeedback),
  };
}

function modelFeedback(wanted: boolean | undefined): ModelFeedback {
  if (wanted === undefined) return ModelFeedback.MODEL_FEEDBACK_UNSPECIFIED;
  return wanted ? ModelFeedback.MODEL_FEEDBACK_ON : ModelFeedback.MODEL_FEEDBACK_OFF;
}

/** The mode that `--mode` names; standard when it is not given. */
export function operatorMode(mode: string | undefined): OperatorMode {
  return mode === 'compatible' ? OperatorMode.OPERATOR_MODE_COMPATIBLE : OperatorMode.OPERATOR_MODE_STANDARD;
}
