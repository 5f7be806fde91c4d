import type { ListRunsRequest, Run } from '@flowreasoner/contracts/metaagent';
import { RunState, RunStatus } from '@flowreasoner/contracts/metaagent';
import { FlowError, serverStream, unary } from '@flowreasoner/rpc';
import { attach, type Embedded } from '../embedded/attach.js';
import { embeddedPaths, storeFolder } from '../embedded/paths.js';
import { readHolder } from '../embedded/store-holder.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { resultLine, runEventLine, usageJson } from '../output/json-events.js';
import { LiveView } from '../output/live-view.js';
import { runFacts, runTable, stateWord } from '../output/run-words.js';
import { showStarting } from '../output/show-starting.js';
import { remoteServices } from '../solve/remote-services.js';
import { exitCodeOfRun } from '../run-exit-code.js';
import { listenForInterrupts } from '../signals.js';
import { printAnswer } from './solve.js';

/** Most runs that are looked through for one whose id begins as given. */
const MAX_SEARCHED = 2000;
const PAGE = 200;

const everyRun: Omit<ListRunsRequest, 'pageSize' | 'pageToken'> = {
  state: RunState.RUN_STATE_UNSPECIFIED,
  status: RunStatus.RUN_STATUS_UNSPECIFIED,
  policy: '',
  createdAfter: undefined,
  createdBefore: undefined,
  taskId: '',
};

/** What all commands about runs take. */
export interface RunsOptions {
  readonly json?: boolean;
  /** Address of a meta-agent service to use instead of the embedded one. */
  readonly server?: string;
}

/** Services that know runs. */
type RunServices = Pick<Embedded, 'metaAgent' | 'reward' | 'detach'>;

/** What `flow runs list` lists. */
export interface ListOptions extends RunsOptions {
  readonly limit: number;
  /** A state, or how the run ended, as `state` of `--json` says it. */
  readonly state?: string;
  readonly policy?: string;
  readonly task?: string;
}

/** `flow runs list`. */
export async function listRuns(options: ListOptions): Promise<ExitCode> {
  return await withServices(options, async (services) => {
    const { runs } = await unary(services.metaAgent, 'listRuns', {
      pageSize: options.limit,
      pageToken: '',
      ...everyRun,
      ...stateFilter(options.state),
      policy: options.policy ?? '',
      taskId: options.task ?? '',
    });
    if (options.json === true) for (const run of runs) write(runJson(run));
    else if (runs.length === 0) process.stderr.write('there are no runs yet; flow solve makes one\n');
    else printTable(runs);
    return ExitCode.solved;
  });
}

/** `flow runs show RUN`. */
export async function showRun(run: string, options: RunsOptions): Promise<ExitCode> {
  return await withServices(options, async (services) => {
    const found = await findRun(services, run);
    if (options.json === true) write(runJson(found));
    else printRun(found);
    return ExitCode.solved;
  });
}

/** `flow runs watch RUN`: follows the events; exit code as of `flow solve`. */
export async function watchRun(
  run: string,
  options: RunsOptions & { readonly after: number },
): Promise<ExitCode> {
  return await withServices(options, async (services, signal) => {
    const found = await findRun(services, run);
    const { name } = found;
    const view = new LiveView({ out: process.stderr, now: Date.now });
    if (options.json !== true) {
      view.watched(found);
      view.start();
    }
    try {
      const streamTokens = options.json !== true;
      const request = { name, afterSequence: BigInt(options.after), streamTokens };
      for await (const { event } of serverStream(services.metaAgent, 'watchRun', request, {
        deadlineMs: Infinity,
        signal,
      })) {
        if (event === undefined) continue;
        const line = options.json === true ? runEventLine(event) : undefined;
        if (line !== undefined) write(line);
        if (options.json !== true) view.event(event);
        if (event.event?.$case !== 'runFinished' || event.event.value.result === undefined) continue;
        const { result } = event.event.value;
        if (options.json === true) write(resultLine(name, result));
        else {
          view.result(result);
          printAnswer(result, view);
        }
        return exitCodeOfRun(result.status);
      }
      throw new FlowError(
        'UNAVAILABLE',
        'RUN_STREAM_ENDED',
        `the events of ${name} ended before the run did`,
      );
    } catch (error) {
      view.stop();
      if (signal.aborted) process.stderr.write(`flow: no longer watched; ${name} goes on\n`);
      throw error;
    } finally {
      view.stop();
    }
  });
}

/** `flow runs cancel RUN`. */
export async function cancelRun(run: string, options: RunsOptions): Promise<ExitCode> {
  return await withServices(options, async (services) => {
    const { name, result } = await findRun(services, run);
    const hasEnded = result !== undefined;
    const response = await unary(services.metaAgent, 'cancelRun', { name });
    const state = stateWord(response.run);
    if (options.json === true) write(response.run === undefined ? {} : runJson(response.run));
    else
      process.stdout.write(
        `${name}: ${hasEnded ? 'had ended already, ' : ''}${state === 'running' ? 'stopping' : state}\n`,
      );
    return ExitCode.solved;
  });
}

/** Acts with the services that the options mean, and lets go of them. */
export async function withServices(
  options: RunsOptions,
  act: (services: RunServices, signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const interrupts = listenForInterrupts();
  try {
    const { signal } = interrupts;
    const services = await connect(options, signal);
    try {
      return await act(services, interrupts.signal);
    } finally {
      await services.detach();
    }
  } catch (error) {
    const code = interrupts.exitCode();
    if (code !== undefined) return code;
    throw error;
  } finally {
    interrupts.dispose();
  }
}

/** A `flow serve` that has the store is asked itself: it knows the runs. */
async function connect({ server }: RunsOptions, signal: AbortSignal): Promise<RunServices> {
  if (server !== undefined) return remoteServices(server);
  const paths = embeddedPaths(process.env);
  const holder = readHolder(storeFolder(paths.dataFolder));
  if (holder?.kind === 'serve') return remoteServices(holder.server);
  return await showStarting('starting the services', (onWaiting) =>
    attach({ paths, endpoints: [], onWaiting, signal }),
  );
}

function printTable(runs: readonly Run[]): void {
  const { isTTY, columns } = process.stdout;
  // What goes to a file or program is not cut.
  const [head = '', ...rows] = runTable(runs, isTTY ? columns || 80 : Infinity);
  for (const line of [colorsFor(process.stdout).dim(head), ...rows]) process.stdout.write(`${line}\n`);
}

function printRun(run: Run): void {
  const { dim } = colorsFor(process.stdout);
  const { facts, answer } = runFacts(run);
  for (const [name, value] of facts) process.stdout.write(`${dim(name.padEnd(10))} ${value}\n`);
  if (answer !== '') process.stdout.write(`\n${answer}\n`);
}

async function findRun(services: RunServices, text: string): Promise<Run> {
  const id = text.replace(/^runs\//, '');
  const matches: Run[] = [];
  let pageToken = '';
  for (let seen = 0; seen < MAX_SEARCHED; seen += PAGE) {
    const page = await unary(services.metaAgent, 'listRuns', {
      pageSize: PAGE,
      pageToken,
      ...everyRun,
    });
    matches.push(...page.runs.filter((run) => run.name.startsWith(`runs/${id}`)));
    pageToken = page.nextPageToken;
    if (pageToken === '') break;
  }
  const [first, second] = matches;
  if (first === undefined) {
    throw new FlowError('NOT_FOUND', 'RUN_NOT_FOUND', `there is no run ${text}`, {
      hint: 'flow runs list shows them',
    });
  }
  if (second !== undefined && first.name !== `runs/${id}`) {
    throw new FlowError('INVALID_ARGUMENT', 'RUN_AMBIGUOUS', `${matches.length} runs begin with ${text}`, {
      hint: 'give more of the id; flow runs list shows them',
    });
  }
  const { run } = await unary(services.metaAgent, 'getRun', { name: first.name });
  return run ?? first;
}

function runJson(run: Run): object {
  return {
    run: run.name,
    task: run.task?.id,
    state: stateWord(run),
    policy: run.options?.policy,
    create_time: run.createTime?.toISOString(),
    end_time: run.endTime?.toISOString() ?? null,
    rounds: run.rounds,
    last_sequence: Number(run.lastSequence),
    usage: usageJson(run.usage),
    result: run.result === undefined ? null : withoutEvent(resultLine(run.name, run.result)),
  };
}

function withoutEvent({
  event: _event,
  ...rest
}: { readonly event: string } & Readonly<Record<string, unknown>>): object {
  return rest;
}

/**
 * The filter that a word of `state` means.
 *
 * @throws FlowError INVALID_ARGUMENT that lists the words
 */
export function stateFilter(word: string | undefined): { state: RunState; status: RunStatus } {
  const all = { state: RunState.RUN_STATE_UNSPECIFIED, status: RunStatus.RUN_STATUS_UNSPECIFIED };
  if (word === undefined) return all;
  const state = stateWords.get(word);
  if (state !== undefined) return { ...all, state };
  const status = statusWords.get(word);
  if (status !== undefined) return { ...all, status };
  const words = [...stateWords.keys(), ...statusWords.keys()].join(', ');
  throw new FlowError('INVALID_ARGUMENT', 'STATE_UNKNOWN', `there is no state ${word}`, {
    hint: `it is one of ${words}`,
  });
}

const stateWords = new Map([
  ['queued', RunState.RUN_STATE_QUEUED],
  ['running', RunState.RUN_STATE_RUNNING],
  ['finished', RunState.RUN_STATE_FINISHED],
]);
const statusWords = new Map([
  ['solved', RunStatus.RUN_STATUS_SOLVED],
  ['unsolved', RunStatus.RUN_STATUS_UNSOLVED],
  ['budget', RunStatus.RUN_STATUS_BUDGET],
  ['deadline', RunStatus.RUN_STATUS_DEADLINE],
  ['cancelled', RunStatus.RUN_STATUS_CANCELLED],
  ['unavailable', RunStatus.RUN_STATUS_UNAVAILABLE],
  ['failed', RunStatus.RUN_STATUS_FAILED],
]);

function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
