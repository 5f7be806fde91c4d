import type { ListRunsRequest, Run } from '@flowreasoner/contracts/metaagent';
import { RunState, RunStatus } from '@flowreasoner/contracts/metaagent';
import { FlowError, serverStream, unary } from '@flowreasoner/rpc';
import { attach, type Embedded } from '../embedded/attach.js';
import { embeddedPaths } from '../embedded/paths.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { enumWord, resultLine, runEventLine, usageJson } from '../output/json-events.js';
import { LiveView } from '../output/live-view.js';
import { printable } from '../output/printable.js';
import { seconds, usageFacts } from '../output/words.js';
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
    else for (const line of table(runs)) process.stdout.write(`${line}\n`);
    return ExitCode.solved;
  });
}

/** `flow runs show RUN`. */
export async function showRun(run: string, options: RunsOptions): Promise<ExitCode> {
  return await withServices(options, async (services) => {
    const found = await findRun(services, run);
    if (options.json === true) write(runJson(found));
    else for (const line of describe(found)) process.stdout.write(`${line}\n`);
    return ExitCode.solved;
  });
}

/** `flow runs watch RUN`: follows the events; exit code as of `flow solve`. */
export async function watchRun(
  run: string,
  options: RunsOptions & { readonly after: number },
): Promise<ExitCode> {
  return await withServices(options, async (services, signal) => {
    const { name } = await findRun(services, run);
    const view = new LiveView({ out: process.stderr, now: Date.now });
    if (options.json !== true) view.start();
    try {
      const request = { name, afterSequence: BigInt(options.after), streamTokens: false };
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
    } finally {
      view.stop();
    }
  });
}

/** `flow runs cancel RUN`. */
export async function cancelRun(run: string, options: RunsOptions): Promise<ExitCode> {
  return await withServices(options, async (services) => {
    const { name } = await findRun(services, run);
    const response = await unary(services.metaAgent, 'cancelRun', { name });
    const state = stateWord(response.run);
    if (options.json === true) write(response.run === undefined ? {} : runJson(response.run));
    else process.stdout.write(`${name}: ${state === 'running' ? 'stopping' : state}\n`);
    return ExitCode.solved;
  });
}

/** Acts with the services that the options mean, and lets go of them. */
export async function withServices(
  { server }: RunsOptions,
  act: (services: RunServices, signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const interrupts = listenForInterrupts();
  try {
    const { signal } = interrupts;
    const services =
      server === undefined
        ? await attach({ paths: embeddedPaths(process.env), endpoints: [], signal })
        : remoteServices(server);
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

function table(runs: readonly Run[]): string[] {
  const rows = runs.map((run) => [
    run.name.replace(/^runs\//, ''),
    stateWord(run),
    run.createTime?.toISOString().replace('T', ' ').slice(0, 19) ?? '',
    String(run.rounds),
    run.result?.visible === undefined ? '-' : `${run.result.visible.passed}/${run.result.visible.total}`,
    run.options?.policy ?? '',
    printable(run.task?.id ?? '').slice(0, 40),
  ]);
  const all = [['RUN', 'STATE', 'CREATED (UTC)', 'ROUNDS', 'CHECKS', 'POLICY', 'TASK'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    return index === 0 ? colorsFor(process.stdout).dim(line) : line;
  });
}

function describe(run: Run): string[] {
  const { result } = run;
  const { dim } = colorsFor(process.stdout);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['run', run.name],
    ['task', printable(run.task?.id ?? '')],
    ['state', stateWord(run)],
    ['policy', run.options?.policy],
    ['created', run.createTime?.toISOString()],
    ['duration', result === undefined ? undefined : seconds(result.durationMs)],
    ['rounds', String(run.rounds)],
    [
      'checks',
      result?.visible === undefined ? undefined : `${result.visible.passed} of ${result.visible.total} pass`,
    ],
    [
      'hidden',
      result?.hidden === undefined ? undefined : `${result.hidden.passed} of ${result.hidden.total} pass`,
    ],
    ['usage', usageFacts(run.usage).join(', ') || undefined],
    [
      'message',
      result?.message === undefined || result.message === '' ? undefined : printable(result.message),
    ],
    ['hint', result?.hint === undefined || result.hint === '' ? undefined : printable(result.hint)],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${dim(name.padEnd(9))} ${value}`],
  );
  if (result?.answer !== undefined && result.answer !== '')
    lines.push('', printable(result.answer).trimEnd());
  return lines;
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

function stateWord(run: Run | undefined): string {
  if (run?.result !== undefined) return enumWord(RunStatus[run.result.status], 'RUN_STATUS_');
  return enumWord(RunState[run?.state ?? RunState.RUN_STATE_UNSPECIFIED], 'RUN_STATE_');
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
